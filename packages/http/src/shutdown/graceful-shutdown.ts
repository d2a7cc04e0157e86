import cluster from 'node:cluster';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DrainReport, Scheduler } from '@outlive/core';
import { checkOptions, poolOf } from '@outlive/core/internal';
import { setExitCode } from './exit-code.ts';
import type { ShutdownCall, ShutdownHandle } from './handle.ts';
import { AbandonedJobs } from './abandoned-jobs.ts';
import { closeServers } from './close-servers.ts';
import { LeftOut, type ShutdownFrom } from './left-out.ts';
import {
  type ResolvedShutdownOptions,
  resolveShutdownOptions,
  type ShutdownOptions,
} from './options.ts';
import { Patience } from './patience.ts';
import { pollEventLoop } from './poll-event-loop.ts';
import {
  type DestroyedResponse,
  type Drained,
  isClean,
  logReport,
  mergeReports,
  type ShutdownReport,
} from './report.ts';
import { Servers } from './servers.ts';
import { ShutdownSignals } from './signals.ts';
import { type ResolvedTarget, resolveTargets, type ShutdownTarget } from './target.ts';
import { warnOfThread } from './thread-warning.ts';

/**
 * Shuts a server down, or several together, on a signal so that nothing is lost. In this order: `ready` turns false; `delay`
 * ms of normal service; listening stops and idle connections end; requests and jobs finish within
 * `timeout`; the rest is cancelled, then what still is unfinished, and upgraded sockets, destroyed; the
 * schedulers are closed; `onShutdown` is awaited, for as long as `timeout` again; `process.exitCode` is
 * set (0 if everything finished, else 1; one that is set already stays).
 *
 * The process then ends by itself, when nothing is left to do: `process.exit()` is not called. A second
 * signal within 500 ms is taken for the first (npm sends two); a later one ends the delay, the grace, or
 * the wait for `onShutdown`; a third exits at once with 128 + its number.
 *
 * Of several servers all take each step at once, and the next one comes when the last of them has taken it:
 * one signal, one report, one `onShutdown`. In a worker thread no signal ever comes, which a process warning says.
 *
 * @param target - an http, https or http2 server, an app that closes its own, such as a Fastify instance, or an
 *   array of them
 * @throws TypeError or RangeError for a bad option
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { gracefulShutdown, jobsListener } from '@outlive/http';
 *
 * const server = createServer(jobsListener((req, res) => void res.end('ok')));
 * const shutdown = gracefulShutdown(server, {
 *   delay: 5_000,
 *   onShutdown: async () => console.log('closing the database'),
 * });
 * shutdown.dispose();
 * ```
 */
export function gracefulShutdown(
  target: ShutdownTarget | readonly ShutdownTarget[],
  options?: ShutdownOptions,
): ShutdownHandle {
  return new GracefulShutdown(resolveTargets(target), resolveShutdownOptions(options));
}

/** For `onShutdown` and an app's own closing, in ms: also where requests get no time at all. */
const leastForCleanUp = 5_000;

class GracefulShutdown implements ShutdownHandle {
  readonly #options: ResolvedShutdownOptions;
  readonly #servers: Servers;
  readonly #signals: ShutdownSignals;
  readonly #leftOut = new LeftOut();
  readonly #patience = new Patience();
  readonly #abandoned = new AbandonedJobs();
  /** Schedulers that are being closed. */
  #closing: readonly Scheduler[] = [];
  #shutdown: Promise<ShutdownReport> | undefined;
  #report: ShutdownReport | undefined;
  #failed = false;
  /** `shutdown()` was called without `from`: perhaps by a job, which it waits for then. */
  #mayWaitForItself = false;

  constructor(targets: readonly ResolvedTarget[], options: ResolvedShutdownOptions) {
    const { schedulers, signals, timeout, logger } = options;
    this.#options = options;
    this.#servers = new Servers(targets, this.#leftOut);
    this.#servers.attach(schedulers, timeout);
    if (signals.length > 0) warnOfThread();
    this.#signals = new ShutdownSignals(options, {
      begin: (trigger) => {
        logger.info(`${trigger}: shutting down`);
        void this.#begin();
      },
      hurry: (signal) => {
        logger.warn(`${signal}: not waiting any longer`);
        this.#patience.end();
      },
    });
  }

  /** What is to be closed: what was asked for, else all that is attached to the servers by now. */
  get #schedulers(): readonly Scheduler[] {
    const { schedulers } = this.#options;
    return schedulers.length > 0 ? schedulers : this.#servers.schedulers;
  }

  get ready(): boolean {
    return this.#shutdown === undefined;
  }

  get report(): ShutdownReport | undefined {
    return this.#report;
  }

  readonly readiness = (_request: IncomingMessage, response: ServerResponse): void => {
    response.statusCode = this.ready ? 200 : 503;
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.end(this.ready ? 'ready' : 'shutting down');
  };

  shutdown(options?: ShutdownCall): Promise<ShutdownReport> {
    const { from } = checkOptions('options', options, { from: true });
    if (from !== undefined) this.#leaveOut(from);
    else this.#mayWaitForItself = true;
    return this.#begin();
  }

  #begin(): Promise<ShutdownReport> {
    this.#shutdown ??= this.#run();
    return this.#shutdown;
  }

  dispose(): void {
    this.#signals.remove();
    // One under way needs what it has hooked in, and lets go of it at its end.
    if (this.ready || this.report !== undefined) this.#servers.letGo();
  }

  #leaveOut(from: ShutdownFrom): void {
    this.#leftOut.add(from);
    this.#servers.leaveOut();
    for (const scheduler of this.#closing) void scheduler.close({ from: this.#leftOut.jobs });
  }

  async #run(): Promise<ShutdownReport> {
    const { delay, onShutdown, logger } = this.#options;
    this.#servers.announceClose();
    await this.#patience.pause(delay);
    if (delay > 0) await pollEventLoop();
    const { closed, drained, destroyedResponses } = await this.#closeServers();
    const report = mergeReports(drained, await this.#closeSchedulers(), destroyedResponses);
    this.#report = report;
    if (!this.#mayWaitForItself) this.#abandoned.report();
    const cleanedUp = this.#attempt('onShutdown failed', onShutdown);
    await this.#waitForCleanUp('onShutdown', cleanedUp);
    setExitCode(isClean(report) && !this.#failed ? 0 : 1);
    logReport(logger, report);
    // What is left to be answered still has to say that its connection closes.
    if (this.#servers.hasLeftOut)
      void closed.then(() => {
        this.#servers.letGo();
      });
    else this.#servers.letGo();
    // As long as `onShutdown` goes on, a signal has to be able to end the process: process 1 of a container has no
    // default action for one.
    void cleanedUp.then(() => {
      this.#signals.remove();
    });
    // The channel to its primary would keep a worker of a cluster for ever.
    if (cluster.isWorker) process.channel?.unref();
    void this.#abandoned.reportLater(logger);
    return report;
  }

  /** Stops listening and lets requests and jobs finish, or ends them. */
  async #closeServers(): Promise<ClosedServers> {
    const { schedulers, timeout } = this.#options;
    const servers = this.#servers;
    if (schedulers.length > 0) servers.attach(schedulers, timeout);
    else servers.attachOwn(timeout);
    this.#abandoned.holdBack(this.#schedulers);
    const reports = servers.begin();
    // Their drains end with the servers, and an app has more to close before they are closed themselves.
    for (const scheduler of this.#schedulers) poolOf(scheduler).closesSoon = true;
    const closed = servers.close((error) => {
      this.#fail('closing the server failed', error);
    });
    const closeTimeout = Math.max(0, ...this.#schedulers.map((each) => each.closeTimeout));
    const bounds = { timeout, closeTimeout };
    const destroyedResponses = await closeServers(servers, this.#patience, bounds);
    servers.giveUpLinked();
    // To Fastify the hooks of its plugins are part of it.
    await this.#waitForCleanUp('closing the server', servers.whenClosed());
    const drained = reports.map(async (each) => ({ ...each, report: await each.report }));
    return { closed, drained: await Promise.all(drained), destroyedResponses };
  }

  async #closeSchedulers(): Promise<DrainReport[]> {
    this.#closing = this.#schedulers.filter((scheduler) => this.#servers.areLastOf(scheduler));
    for (const scheduler of this.#schedulers) {
      const pool = poolOf(scheduler);
      pool.closesSoon = this.#closing.includes(scheduler);
      // One that goes on, for other servers, may take jobs again.
      if (!pool.closesSoon) pool.changeGate(() => undefined);
    }
    const from = this.#leftOut.jobs;
    return Promise.all(this.#closing.map(async (scheduler) => scheduler.close({ from })));
  }

  /** What is not ours to cancel may hang: then the rest goes on without it. */
  async #waitForCleanUp(what: string, work: Promise<void>): Promise<void> {
    const from = performance.now();
    if (await this.#patience.atMost(Math.max(this.#options.timeout, leastForCleanUp), work)) return;
    this.#failed = true;
    const waited = Math.round(performance.now() - from);
    this.#options.logger.error(`${what} had not finished after ${waited} ms`);
  }

  async #attempt(what: string, work: () => void | PromiseLike<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#fail(what, error);
    }
  }

  #fail(what: string, error: unknown): void {
    this.#failed = true;
    this.#options.logger.error(what, error);
  }
}

interface ClosedServers {
  /** Settles when the servers have closed, which responses left out may keep open. */
  readonly closed: Promise<void>;
  readonly drained: Drained[];
  readonly destroyedResponses: DestroyedResponse[];
}
