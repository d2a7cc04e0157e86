import type { AsyncResource } from 'node:async_hooks';
import type { JobEvents } from '../events/job-events.ts';
import type { Group } from '../group.ts';
import type { RetryHost, Retrying } from '../job/retrying.ts';
import type { JobOwner, JobRecord } from '../job/record.ts';
import { postpone } from '../job/settle.ts';
import { Timer } from '../util/timer.ts';
import type { JobContexts } from './job-contexts.ts';
import type { Slots } from './slots.ts';

/** What retries need of the rest of their pool. */
export interface RetriesHost {
  /** Whether a drain waits for the jobs of this owner. */
  drains(owner: JobOwner): boolean;
  /** The job may go for a slot. */
  unblock(job: JobRecord): void;
  onFreeSlot(): void;
  readonly events: JobEvents;
}

/** The jobs of one pool that have failed and wait for their next attempt. */
export class Retries implements RetryHost {
  readonly #host: RetriesHost;
  readonly #slots: Slots;
  readonly #contexts: JobContexts;
  /** With their timers, while their delay is not over. */
  readonly #waiting = new Map<Retrying, Timer | undefined>();

  constructor(slots: Slots, contexts: JobContexts, host: RetriesHost) {
    this.#slots = slots;
    this.#contexts = contexts;
    this.#host = host;
  }

  context(): AsyncResource | undefined {
    return this.#contexts.capture();
  }

  retries(job: JobRecord, error: unknown, delay: number): void {
    this.#host.events.retries(job, error, this.#host.drains(job.owner) ? 0 : delay);
  }

  postpone(retrying: Retrying, delay: number): void {
    const { job } = retrying;
    const isLast = this.#host.drains(job.owner);
    if (isLast) retrying.endAfterNext();
    postpone(job, retrying);
    job.extend().waitsSince = this.#slots.clock.now();
    const atOnce = isLast || delay === 0;
    this.#waiting.set(retrying, atOnce ? undefined : this.#timer(retrying, delay));
    this.#slots.remove(job, true);
    job.extend().blocked = true;
    this.#slots.pending.block(job);
    if (atOnce) this.#slots.unblock(job);
    else {
      job.extras?.team?.postponed(job);
      this.#slots.fill();
    }
    this.#host.onFreeSlot();
  }

  /** The jobs that wait. */
  *[Symbol.iterator](): Generator<JobRecord, void, undefined> {
    for (const { job } of this.#waiting.keys()) yield job;
  }

  waitsNoMore(retrying: Retrying): void {
    this.#waiting.get(retrying)?.clear();
    this.#waiting.delete(retrying);
  }

  /** A drain begins: what waits gets its next attempt at once, and no further one. */
  hurry(group: Group | undefined): void {
    const hurried = [...this.#waiting].filter(
      ([{ job }]) => group === undefined || job.owner === group,
    );
    // All first, so that they start in their order.
    this.#slots.fillAfter(() => {
      for (const [retrying, timer] of hurried) {
        retrying.endAfterNext();
        if (timer === undefined) continue;
        timer.clear();
        this.#release(retrying);
      }
    });
  }

  #timer(retrying: Retrying, delay: number): Timer {
    // Rounded up, as timers of Node round down.
    return new Timer(Math.ceil(delay), () => {
      this.#release(retrying);
    });
  }

  #release(retrying: Retrying): void {
    this.#waiting.set(retrying, undefined);
    this.#host.unblock(retrying.job);
  }
}
