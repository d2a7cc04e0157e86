import type { JobSpec, KeepRule } from '../../backend.ts';
import type { BullmqJobs } from './jobs.ts';
import { cancelledSet, deleteEnded } from './scripts.ts';

/** Time in ms between two looks for jobs that were kept long enough. */
const interval = 10_000;
/** Jobs of one command: Redis does nothing else meanwhile. */
const mostAtOnce = 1_000;

/** Deletes the jobs that were kept long enough after their end: one command, however many names there are. */
export class Retention {
  readonly #jobs: BullmqJobs;
  readonly #report: (error: unknown) => void;
  readonly #keys: string[] = [];
  /** For each key what the script needs to know. */
  readonly #rules: { readonly base: string; readonly rule: KeepRule }[] = [];
  readonly #timer: NodeJS.Timeout;
  #isDeleting = false;
  #ended = false;

  constructor(jobs: BullmqJobs, specs: readonly JobSpec[], report: (error: unknown) => void) {
    this.#jobs = jobs;
    this.#report = report;
    for (const { name, keep } of specs) {
      this.#add(name, 'completed', keep.completed);
      this.#add(name, 'failed', keep.failed);
      this.#add(name, cancelledSet, keep.failed);
    }
    this.#timer = setInterval(() => void this.#run(), interval).unref();
  }

  end(): void {
    this.#ended = true;
    clearInterval(this.#timer);
  }

  #add(name: string, set: string, rule: KeepRule): void {
    if (rule.age === Infinity && rule.count === Infinity) return;
    const base = this.#jobs.base(name);
    this.#keys.push(base + set);
    this.#rules.push({ base, rule });
  }

  async #run(): Promise<void> {
    if (this.#isDeleting || this.#keys.length === 0) return;
    this.#isDeleting = true;
    try {
      while (!this.#ended && (await this.#delete()) === mostAtOnce);
    } catch (error) {
      if (!this.#ended) this.#report(error);
    } finally {
      this.#isDeleting = false;
    }
  }

  async #delete(): Promise<unknown> {
    const now = Date.now();
    const values = this.#rules.flatMap(({ base, rule: { age, count } }) => [
      base,
      age === Infinity ? '' : now - age,
      count === Infinity ? '' : count,
    ]);
    return this.#jobs.redis.eval(
      deleteEnded,
      this.#keys.length,
      ...this.#keys,
      mostAtOnce,
      ...values,
    );
  }
}
