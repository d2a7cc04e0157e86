import type { JobControl, RetryQuery } from '../../backend-operations.ts';
import { answersOf } from './answers.ts';
import type { BullmqJobs, Place } from './jobs.ts';
import { cancelJob, discardJob, retryJob } from './scripts.ts';
import type { BullmqQueue } from './types.ts';

/** Jobs that are retried with one command. */
const atOnce = 100;

/** What the control of a store needs besides its jobs. */
export interface ControlOptions {
  /** The queue of a name, also of one that this process does not define. */
  readonly queueOf: (name: string) => BullmqQueue;
  /** Wakes a process that waits for jobs of this name. */
  readonly wake: (name: string) => Promise<void>;
}

/** What operators do to jobs in Redis. */
export class BullmqControl implements JobControl {
  readonly #jobs: BullmqJobs;
  readonly #options: ControlOptions;

  constructor(jobs: BullmqJobs, options: ControlOptions) {
    this.#jobs = jobs;
    this.#options = options;
  }

  async retry(id: string): Promise<boolean> {
    return this.#run(retryJob, id);
  }

  async retryAll({ name, error }: RetryQuery): Promise<number> {
    await this.#jobs.mend([name]);
    const failed = await this.#jobs.redis.zrange(`${this.#jobs.base(name)}failed`, '0', '-1');
    // In the order in which they were stored, as our ids say: of several with one key the first is retried.
    const ids = failed.toSorted();
    let count = 0;
    for (let index = 0; index < ids.length; index += atOnce) {
      const places = ids.slice(index, index + atOnce).map((id) => ({ name, id }));
      count += await this.#retry(error === undefined ? places : await this.#with(error, places));
    }
    return count;
  }

  async cancel(id: string): Promise<boolean> {
    return this.#run(cancelJob, id, Date.now());
  }

  async discard(id: string): Promise<boolean> {
    return this.#run(discardJob, id);
  }

  async pause(name: string): Promise<void> {
    await this.#jobs.remember(name);
    await this.#options.queueOf(name).pause();
  }

  async resume(name: string): Promise<void> {
    await this.#options.queueOf(name).resume();
    await this.#options.wake(name);
  }

  async #run(script: string, id: string, ...values: number[]): Promise<boolean> {
    const place = await this.#jobs.find(id);
    if (place === undefined) return false;
    return (await this.#jobs.run(script, place, ...values)) === 1;
  }

  /** Those that failed with an error of this name, or with this text in its message. */
  async #with(error: string, places: readonly Place[]): Promise<Place[]> {
    const jobs = await this.#jobs.read(places);
    return jobs.filter(
      ({ error: stored }) => stored?.name === error || stored?.message.includes(error) === true,
    );
  }

  async #retry(places: readonly Place[]): Promise<number> {
    if (places.length === 0) return 0;
    const pipeline = this.#jobs.redis.pipeline();
    for (const { name, id } of places) {
      const base = this.#jobs.base(name);
      pipeline.eval(retryJob, 1, base + id, base, id);
    }
    return (await answersOf(pipeline)).filter((answer) => answer === 1).length;
  }
}
