import type { Scheduler } from '@outlive/core';
import type { JobRecord } from '@outlive/core/internal';
import type { HttpServer } from '../connections/http-server.ts';
import type { CloseReport } from '../closing/held-close.ts';
import { areLastOf } from '../closing/registry.ts';
import type { LeftOut } from './left-out.ts';
import type { DestroyedResponse } from './report.ts';
import { ServerShutdown } from './server-shutdown.ts';
import type { ResolvedTarget } from './target.ts';

/** The servers that one shutdown ends together. */
export class Servers {
  readonly #all: readonly ServerShutdown[];
  readonly #together: ReadonlySet<HttpServer>;

  constructor(targets: readonly ResolvedTarget[], leftOut: LeftOut) {
    this.#all = targets.map((target) => new ServerShutdown(target, leftOut));
    this.#together = new Set(targets.map(({ server }) => server));
  }

  /** All that is attached to any of them by now. */
  get schedulers(): readonly Scheduler[] {
    return [...new Set(this.#all.flatMap(({ schedulers }) => schedulers))];
  }

  /** Attaches these schedulers to each of the servers. */
  attach(schedulers: readonly Scheduler[], timeout: number): void {
    for (const server of this.#all) {
      for (const scheduler of schedulers) server.attach(scheduler, timeout);
    }
  }

  /** Attaches to each server, as a whole, the schedulers that it has already. */
  attachOwn(timeout: number): void {
    for (const server of this.#all) {
      for (const scheduler of server.schedulers) server.attach(scheduler, timeout);
    }
  }

  /** Whether no other server of the scheduler is open or closing. */
  areLastOf(scheduler: Scheduler): boolean {
    return areLastOf(scheduler, this.#together);
  }

  announceClose(): void {
    for (const server of this.#all) server.announceClose();
  }

  /** The jobs get their grace from now on. Gives what their drains will report. */
  begin(): CloseReport[] {
    return this.#all.flatMap((server) => server.begin(this.#together));
  }

  leaveOut(): void {
    for (const server of this.#all) server.leaveOut();
  }

  /** Resolves when all have closed, and their apps. Each failure is handed on, and ends nothing. */
  async close(failed: (error: unknown) => void): Promise<void> {
    await Promise.all(this.#all.map(async (server) => server.close().catch(failed)));
  }

  async whenIdle(): Promise<void> {
    await Promise.all(this.#all.map(async (server) => server.whenIdle()));
  }

  async whenClosed(): Promise<void> {
    await Promise.all(this.#all.map(async (server) => server.whenClosed()));
  }

  get hasLeftOut(): boolean {
    return this.#all.some(({ hasLeftOut }) => hasLeftOut);
  }

  /** The `after` jobs that wait for a response or socket to end. */
  get waiting(): readonly JobRecord[] {
    return [...new Set(this.#all.flatMap(({ waiting }) => waiting))];
  }

  /** Cancels all that is left but these jobs. */
  cancelOthers(spared: readonly JobRecord[]): void {
    const jobs = new Set(spared);
    for (const server of this.#all) server.cancelOthers(jobs);
  }

  /** Cuts off what these jobs wait for, unless something that was cancelled may still answer there. */
  cutAwaited(waiting: readonly JobRecord[]): DestroyedResponse[] {
    return this.#all.flatMap((server) => server.cutAwaited(waiting));
  }

  /** Ends by force what has begun to be answered, and upgraded sockets. */
  destroyBegun(): DestroyedResponse[] {
    return this.#all.flatMap((server) => server.destroyBegun());
  }

  endGrace(): void {
    for (const server of this.#all) server.endGrace();
  }

  /** Ends by force what does not end by itself. */
  destroyConnections(): DestroyedResponse[] {
    return this.#all.flatMap((server) => server.destroyConnections());
  }

  giveUpLinked(): void {
    for (const server of this.#all) server.giveUpLinked();
  }

  /** Takes back what was hooked into the servers. */
  letGo(): void {
    for (const server of this.#all) server.letGo();
  }
}
