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
  readonly #timer: NodeJS.Timeout;
  #work: Promise<void> = Promise.resolve();
  #isAtWork = false;

  constructor(
    redis: Redis,
    queues: ReadonlyMap<string, NamedQueue>,
    report: (error: unknown) => void,
  ) {
    this.#running = new Holders(redis, queues, ['active']);
    this.#report = report;
    this.#timer = setInterval(() => {
      if (!this.#isAtWork) this.#work = this.#check();
    }, stalledInterval).unref();
  }

  /** Resolves when no look is under way any more. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
  }

  async #check(): Promise<void> {
    this.#isAtWork = true;
    try {
      // One that cannot be looked into keeps no other one from it.
      for (const holder of await this.#running.find())
        await this.#checkOne(holder).catch(this.#report);
    } catch (error) {
      this.#report(error);
    } finally {
      this.#isAtWork = false;
    }
  }

  async #checkOne(holder: NamedQueue): Promise<void> {
    await holder.worker?.backend.moveStalledJobsToWait();
    if ((await holder.queue.getActiveCount()) === 0) this.#running.forget(holder);
  }
}
