import cluster from 'node:cluster';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DrainReport, Scheduler } from '@outlive/core';
import { Timer } from '@outlive/core/internal';
import { checkServer } from '../closing/drain-on-close.ts';
import { setExitCode } from './exit-code.ts';
import {
  accompanyAll,
  accompanyWhenListening,
  closeFastify,
  type FastifyLike,
  isFastify,
} from './fastify-like.ts';
import { type HttpServer, type ServerDrain, serverDrain } from '../closing/server-drain.ts';
import {
  type ResolvedShutdownOptions,
  resolveShutdownOptions,
  type ShutdownOptions,
} from './options.ts';
import { type DestroyedResponse, isClean, mergeReports, type ShutdownReport } from './report.ts';
import { ShutdownSignals } from './signals.ts';
import { whatHasArrived } from './poll-event-loop.ts';

/** A shutdown that is prepared, under way or over. */
export interface ShutdownHandle {
  /** Begins it, as the first signal does. Every call gives the same promise; it never rejects. */
  shutdown(): Promise<ShutdownReport>;
  /** False from the moment a shutdown begins. */
  readonly ready: boolean;
  /** Answers 200 while ready, then 503: for the readiness probe of a load balancer. */
  readonly readiness: (request: IncomingMessage, response: ServerResponse) => void;
  /** `undefined` before the end. */
  readonly report: ShutdownReport | undefined;
  /** Takes back the signal handlers and what was hooked into the server. A shutdown under way goes on. */
  dispose(): void;
}

/**
 * Shuts a server down on a signal so that nothing is lost. In this order: `ready` turns false; `delay`
 * ms of normal service; listening stops and idle connections end; requests and jobs finish within
 * `timeout`; the rest is cancelled, then what still is unfinished, and upgraded sockets, destroyed; the
 * schedulers are closed; `onShutdown` is awaited, for as long as `timeout` again; `process.exitCode` is
 * set (0 if everything finished, else 1; one that is set already stays).
 *
 * The process then ends by itself, when nothing is left to do: `process.exit()` is not called. A second
 * signal within 500 ms is taken for the first (npm sends two); a later one ends the delay, the grace, or
 * the wait for `onShutdown`; a third exits at once with 128 + its number.
 *
 * @param server - an http, https or http2 server, or a Fastify instance
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
  server: HttpServer | FastifyLike,
  options?: ShutdownOptions,
): ShutdownHandle {
  return new GracefulShutdown(server, resolveShutdownOptions(options));
}

/** Whoever gives requests no time at all still wants to close the database. */
const leastForCleanUp = 5_000;

class GracefulShutdown implements ShutdownHandle {
  readonly #options: ResolvedShutdownOptions;
  readonly #drain: ServerDrain;
  readonly #closeServer: () => Promise<void>;
  /** Looks for servers that have come to the first one since. */
  readonly #findServers: () => void;
  readonly #signals: ShutdownSignals;
  /** Schedulers that nobody but us has tied to the server. */
  readonly #tied: Scheduler[] = [];
  #shutdown: Promise<ShutdownReport> | undefined;
  #report: ShutdownReport | undefined;
  /** Ends the phase that is being waited in. */
  #hurry: () => void = () => undefined;
  #failed = false;

  constructor(server: HttpServer | FastifyLike, options: ResolvedShutdownOptions) {
    this.#options = options;
    if (isFastify(server)) {
      this.#drain = serverDrain(server.server);
      this.#closeServer = async () => closeFastify(server);
      this.#findServers = () => {
        accompanyAll(server, this.#drain);
      };
      accompanyWhenListening(server, this.#drain);
    } else {
      checkServer(server);
      this.#drain = serverDrain(server);
      this.#closeServer = async () => closed(server);
      this.#findServers = () => undefined;
    }
    for (const scheduler of options.schedulers) this.#tie(scheduler);
    this.#signals = new ShutdownSignals(options.signals, {
      begin: (signal) => {
        options.logger.info(`${signal}: shutting down`);
        void this.shutdown();
      },
      hurry: (signal) => {
        options.logger.warn(`${signal}: not waiting any longer`);
        this.#hurry();
      },
    });
  }

  /** What is to be closed: what was asked for, else all that is attached to the server by now. */
  get #schedulers(): readonly Scheduler[] {
    const { schedulers } = this.#options;
    return schedulers.length > 0 ? schedulers : this.#drain.schedulers;
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

  shutdown(): Promise<ShutdownReport> {
    this.#shutdown ??= this.#run();
    return this.#shutdown;
  }

  dispose(): void {
    this.#signals.remove();
    // One under way needs what it has hooked in, and lets go of it at its end.
    if (this.ready || this.report !== undefined) this.#letGo();
  }

  #letGo(): void {
    for (const scheduler of this.#tied) this.#drain.untie(scheduler);
    this.#drain.release();
  }

  async #run(): Promise<ShutdownReport> {
    // After `dispose()` that has been taken back.
    this.#drain.patch();
    this.#findServers();
    this.#drain.connections.announceClose();
    await this.#atMost(this.#options.delay, new Promise(() => undefined));
    if (this.#options.delay > 0) await whatHasArrived();
    const { drained, destroyedResponses } = await this.#close();
    const last = await Promise.all(
      this.#schedulers
        .filter((scheduler) => this.#drain.isLastOf(scheduler))
        .map(async (scheduler) => scheduler.close()),
    );
    const report = mergeReports(drained, last, destroyedResponses);
    this.#report = report;
    const cleanedUp = this.#attempt('onShutdown failed', this.#options.onShutdown);
    await this.#waitForCleanUp('onShutdown', cleanedUp);
    setExitCode(isClean(report) && !this.#failed ? 0 : 1);
    this.#log(report);
    this.#letGo();
    // As long as it goes on, somebody may want to end the process, which may be one without default actions.
    void cleanedUp.then(() => {
      this.#signals.remove();
    });
    // The channel to its primary would keep a worker of a cluster for ever.
    if (cluster.isWorker) process.channel?.unref();
    return report;
  }

  /** Stops listening and lets requests and jobs finish, or ends them. */
  async #close(): Promise<{ drained: DrainReport[]; destroyedResponses: DestroyedResponse[] }> {
    const { timeout } = this.#options;
    for (const scheduler of this.#schedulers) this.#tie(scheduler);
    this.#findServers();
    this.#drain.begin();
    const reports = this.#drain.reports;
    const end = this.#attempt('closing the server failed', this.#closeServer);
    // Not the end of the server itself: upgraded sockets may keep it open for ever.
    const finished = Promise.race([
      end,
      Promise.all([this.#drain.connections.quiet(), this.#drain.quiet()]),
    ]);
    await this.#atMost(timeout, finished);
    this.#drain.cutShort();
    const closeTimeout = Math.max(0, ...this.#schedulers.map((each) => each.closeTimeout));
    // Of the server itself: those that speak another protocol may still say goodbye.
    await this.#atMost(closeTimeout, end);
    const destroyedResponses = this.#drain.connections
      .destroy()
      .map(({ req: { method, url } }) => ({ method, url }));
    // Of one that was found late something may have been missed.
    await this.#atMost(closeTimeout, end);
    this.#drain.giveUpCompanions();
    // To Fastify the hooks of its plugins are part of it.
    await this.#waitForCleanUp('closing the server', end);
    return { drained: await Promise.all(reports), destroyedResponses };
  }

  /** What is not ours to cancel may hang: then the rest goes on without it. */
  async #waitForCleanUp(what: string, work: Promise<void>): Promise<void> {
    const from = performance.now();
    if (await this.#atMost(Math.max(this.#options.timeout, leastForCleanUp), work)) return;
    this.#failed = true;
    const waited = Math.round(performance.now() - from);
    this.#options.logger.error(`${what} had not finished after ${waited} ms`);
  }

  #tie(scheduler: Scheduler): void {
    if (!this.#drain.isTied(scheduler)) this.#tied.push(scheduler);
    this.#drain.tieWhole(scheduler, { timeout: this.#options.timeout });
  }

  /** Waits for the work, until the time is up or somebody hurries. Gives whether it was done by then. */
  async #atMost(limit: number, work: Promise<unknown>): Promise<boolean> {
    if (limit === 0) return false;
    let timer: Timer | undefined;
    const timeUp = new Promise<boolean>((resolve) => {
      const giveUp = (): void => {
        resolve(false);
      };
      timer = new Timer(limit, giveUp);
      this.#hurry = giveUp;
    });
    const done = await Promise.race([work.then(() => true), timeUp]);
    timer?.clear();
    return done;
  }

  async #attempt(what: string, work: () => void | PromiseLike<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failed = true;
      this.#options.logger.error(what, error);
    }
  }

  #log(report: ShutdownReport): void {
    const { logger } = this.#options;
    if (isClean(report)) {
      logger.info(`shut down: ${report.completed} completed, ${report.failed} failed`);
      return;
    }
    for (const kind of ['cancelled', 'neverStarted', 'abandoned'] as const) {
      for (const job of report[kind])
        logger.warn(`${kind}: job ${job.id} ${job.name ?? ''}`.trim());
    }
    for (const { method, url } of report.destroyedResponses) {
      logger.warn(`response destroyed: ${method} ${url}`);
    }
  }
}

/** What Node calls an error is that the server was not open: then there is nothing to close. */
async function closed(server: HttpServer): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
