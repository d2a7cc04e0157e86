import { Routine } from '../../util/routine.ts';
import { Holders } from './holders.ts';
import { type NamedQueue, stalledInterval } from './queues.ts';
import type { Redis } from './redis.ts';

/**
 * Looks for locks that ran out, in the queues that have jobs which run. BullMQ's own timers look into every queue, each by
 * itself: hundreds of commands a second where there are many names and no jobs.
 */
export class StallChecks {
  readonly #running: Holders;
  readonly #report: (error: unknown) => void;
  readonly #routine: Routine;

  constructor(
    redis: Redis,
    queues: ReadonlyMap<string, NamedQueue>,
    report: (error: unknown) => void,
  ) {
    this.#running = new Holders(redis, queues, ['active']);
    this.#report = report;
    this.#routine = new Routine(stalledInterval, async () => this.#check(), report);
  }

  /** Resolves when no look is under way any more. */
  async end(): Promise<void> {
    await this.#routine.end();
  }

  async #check(): Promise<void> {
    // One that cannot be looked into keeps no other one from it.
    for (const holder of await this.#running.find())
      await this.#checkOne(holder).catch(this.#report);
  }

  async #checkOne(holder: NamedQueue): Promise<void> {
    await holder.worker?.backend.moveStalledJobsToWait();
    if ((await holder.queue.getActiveCount()) === 0) this.#running.forget(holder);
  }
}
