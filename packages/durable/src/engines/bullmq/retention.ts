import type { JobSpec, KeepRule } from '../../backend.ts';
import type { BullmqJobs } from './jobs.ts';
import { cancelledSet, deleteEnded } from './scripts.ts';

/** Time in ms between two looks for jobs that were kept long enough, where there may be any. */
const interval = 10_000;
/** Jobs of one command: Redis does nothing else meanwhile. */
const mostAtOnce = 1_000;

/** Jobs of one name that have ended in one way. */
interface EndedSet {
  readonly key: string;
  /** What all keys of the queue begin with. */
  readonly base: string;
  readonly rule: KeepRule;
  /** When it is worth looking at again, in epoch ms. */
  nextAt: number;
}

/** Deletes the jobs that were kept long enough after their end: one command, however many names there are. */
export class Retention {
  readonly #jobs: BullmqJobs;
  readonly #report: (error: unknown) => void;
  readonly #names: readonly string[];
  readonly #sets: EndedSet[] = [];
  readonly #timer: NodeJS.Timeout;
  #isDeleting = false;
  #ended = false;

  constructor(jobs: BullmqJobs, specs: readonly JobSpec[], report: (error: unknown) => void) {
    this.#jobs = jobs;
    this.#report = report;
    this.#names = specs.map(({ name }) => name);
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
    this.#sets.push({ key: base + set, base, rule, nextAt: 0 });
  }

  async #run(): Promise<void> {
    if (this.#isDeleting) return;
    this.#isDeleting = true;
    try {
      await this.#jobs.mend(this.#names);
      const now = Date.now();
      const sets = this.#sets.filter(({ nextAt }) => nextAt <= now);
      if (sets.length === 0) return;
      const isEmpty = (await this.#jobs.redis.exists(...sets.map(({ key }) => key))) === 0;
      if (isEmpty) {
        for (const set of sets) set.nextAt = now + set.rule.age;
        return;
      }
      while (!this.#ended && (await this.#delete(sets, now)) === mostAtOnce);
      if (!this.#ended) await this.#plan(sets, now);
    } catch (error) {
      if (!this.#ended) this.#report(error);
    } finally {
      this.#isDeleting = false;
    }
  }

  /** Nothing is too old before the oldest job is, or before one that ends from now on can be. */
  async #plan(sets: readonly EndedSet[], now: number): Promise<void> {
    const pipeline = this.#jobs.redis.pipeline();
    for (const { key } of sets) pipeline.zrange(key, '0', '0', 'WITHSCORES');
    const answers = (await pipeline.exec()) ?? [];
    for (const [index, set] of sets.entries()) {
      const [error, oldest] = answers[index] ?? [];
      const endedAt = Number((oldest as string[] | null)?.[1] ?? now);
      const isByCount = set.rule.count !== Infinity;
      set.nextAt = error instanceof Error || isByCount ? 0 : endedAt + set.rule.age;
    }
  }

  async #delete(sets: readonly EndedSet[], now: number): Promise<unknown> {
    const values = sets.flatMap(({ base, rule: { age, count } }) => [
      base,
      age === Infinity ? '' : now - age,
      count === Infinity ? '' : count,
    ]);
    return this.#jobs.redis.eval(
      deleteEnded,
      sets.length,
      ...sets.map(({ key }) => key),
      mostAtOnce,
      ...values,
    );
  }
}
