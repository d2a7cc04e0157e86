import type { ServerResponse } from 'node:http';
import type { Scheduler } from '@outlive/core';
import type { JobRecord } from '@outlive/core/internal';
import type { HttpServer } from '../connections/http-server.ts';
import type { CloseReport } from '../closing/held-close.ts';
import type { DrainedServer } from '../closing/linked-servers.ts';
import type { ServerDrain } from '../closing/server-drain.ts';
import { linkServer, serverDrain } from '../closing/registry.ts';
import { awaitedRequest, requestOfJob } from '../request/request-state.ts';
import { cutOff, isCutOff } from './cut-off.ts';
import type { LeftOut } from './left-out.ts';
import type { DestroyedResponse } from './report.ts';
import type { ResolvedTarget } from './target.ts';

/** The part that one server has in a shutdown. */
export class ServerShutdown {
  readonly #target: ResolvedTarget;
  readonly #drain: ServerDrain;
  readonly #leftOut: LeftOut;
  #closed: Promise<unknown> = Promise.resolve();
  /** Schedulers that nobody but this shutdown has attached to the server. */
  readonly #attached: Scheduler[] = [];

  constructor(target: ResolvedTarget, leftOut: LeftOut) {
    this.#target = target;
    this.#drain = serverDrain(target.server);
    this.#leftOut = leftOut;
  }

  get schedulers(): readonly Scheduler[] {
    return this.#drain.attachments.all.map(({ scheduler }) => scheduler);
  }

  attach(scheduler: Scheduler, timeout: number): void {
    if (!this.#drain.attachments.isAttached(scheduler)) this.#attached.push(scheduler);
    this.#drain.attachments.attach(scheduler, { timeout });
  }

  /** From now on responses say `Connection: close`; the server serves as before. */
  announceClose(): void {
    // After `dispose()`, which has taken it off.
    this.#drain.patch();
    this.#findLinked();
    for (const { connections } of this.#servers) connections.announceClose();
  }

  /** The jobs get their grace from now on. Gives what their drains will report. */
  begin(together: ReadonlySet<HttpServer>): CloseReport[] {
    this.#findLinked();
    this.#drain.beginShutdown(this.#leftOut.jobsAndWaiting, together);
    this.leaveOut();
    return this.#drain.reports;
  }

  /** More has been left out. */
  leaveOut(): void {
    if (!this.#drain.closing) return;
    this.#drain.beginClose(this.#leftOut.jobsAndWaiting);
    for (const { connections } of this.#servers) connections.leaveOut(this.#leftOut.hasResponse);
  }

  /** Resolves when the server has closed, and its app. */
  async close(): Promise<void> {
    const closed = this.#target.close();
    this.#closed = closed.catch(() => undefined);
    await closed;
  }

  /**
   * Once closing: resolves when neither a response nor a job is waited for any more, though upgraded sockets
   * may keep the server open for ever, or when it has closed.
   */
  async whenIdle(): Promise<void> {
    const idle = Promise.all([
      this.#drain.whenIdle(),
      ...this.#servers.map(async ({ connections }) => connections.whenIdle()),
    ]);
    await Promise.race([this.#closed, idle]);
  }

  /** Once closing: resolves when the server has closed, or would have but for the responses left out. */
  async whenClosed(): Promise<void> {
    const closed = this.#closed;
    const left = Promise.all(
      this.#servers.map(async ({ connections }) => connections.whenLeftOutRemain()),
    );
    await Promise.race([closed, left.then(async () => (this.hasLeftOut ? undefined : closed))]);
  }

  /** Whether a response that is left out is still to be answered. */
  get hasLeftOut(): boolean {
    return this.#servers.some(({ connections }) => connections.hasLeftOut);
  }

  /** The `after` jobs that wait for a response or socket to end. */
  get waiting(): readonly JobRecord[] {
    return this.#drain.jobs.filter((job) => {
      const request = awaitedRequest(job);
      return request !== undefined && !this.#leftOut.hasRequest(request);
    });
  }

  /** Cancels all that is left but these jobs. */
  cancelOthers(spared: ReadonlySet<JobRecord>): void {
    this.#drain.cancelOthers((job) => spared.has(job));
  }

  /** Cuts off what these jobs wait for, unless something that was cancelled may still answer there. */
  cutAwaited(waiting: readonly JobRecord[]): DestroyedResponse[] {
    const inFlight = this.#servers.flatMap(({ connections }) => connections.inFlight);
    const running = this.#drain.jobs.filter((job) => !job.pending);
    const mayAnswer = new Set(running.map(requestOfJob));
    for (const job of waiting) {
      const request = awaitedRequest(job);
      if (request?.heldSlot === undefined && !mayAnswer.has(request)) cutOff(request);
    }
    return inFlight.filter(isCutOff).map(nameOf);
  }

  endGrace(): void {
    this.#drain.endGrace();
  }

  /** Ends by force what has begun to be answered, and upgraded sockets: what may still be answered is not. */
  destroyBegun(): DestroyedResponse[] {
    return this.#servers
      .flatMap(({ connections }) => connections.destroy(({ headersSent }) => !headersSent))
      .map(nameOf);
  }

  /** Ends by force what does not end by itself. */
  destroyConnections(): DestroyedResponse[] {
    return this.#servers.flatMap(({ connections }) => connections.destroy()).map(nameOf);
  }

  giveUpLinked(): void {
    this.#drain.giveUpLinked();
  }

  /** Takes back what was hooked into the server. */
  letGo(): void {
    for (const scheduler of this.#attached) this.#drain.attachments.detach(scheduler);
    this.#drain.unpatch();
  }

  get #servers(): readonly DrainedServer[] {
    return this.#drain.withLinked;
  }

  #findLinked(): void {
    for (const server of this.#target.linkedServers()) linkServer(this.#drain, server);
  }
}

function nameOf({ req: { method, url } }: ServerResponse): DestroyedResponse {
  return { method, url };
}
