import type { NamedQueue } from './queues.ts';
import { stalledInterval } from './queues.ts';
import type { Redis } from './redis.ts';

/**
 * Looks for locks that ran out, in the queues that have jobs which run. BullMQ's own timers look into every queue, each by
 * itself: hundreds of commands a second where there are many names and no jobs.
 */
export class StallChecks {
  readonly #redis: Redis;
  readonly #queues: ReadonlyMap<string, NamedQueue>;
  readonly #report: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #work: Promise<void> = Promise.resolve();
  #isAtWork = false;

  constructor(
    redis: Redis,
    queues: ReadonlyMap<string, NamedQueue>,
    report: (error: unknown) => void,
  ) {
    this.#redis = redis;
    this.#queues = queues;
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
      for (const { worker } of await this.#busy()) await worker?.backend.moveStalledJobsToWait();
    } catch (error) {
      this.#report(error);
    } finally {
      this.#isAtWork = false;
    }
  }

  async #busy(): Promise<NamedQueue[]> {
    const all = [...this.#queues.values()];
    const keys = all.map(({ queue }) => queue.toKey('active'));
    if (keys.length === 0 || (await this.#redis.exists(...keys)) === 0) return [];
    const pipeline = this.#redis.pipeline();
    for (const key of keys) pipeline.exists(key);
    const answers = (await pipeline.exec()) ?? [];
    return all.filter((_, index) => answers[index]?.[1] !== 0);
  }
}
