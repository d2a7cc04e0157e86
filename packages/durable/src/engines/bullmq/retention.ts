import type { JobSpec, KeepRule } from '../../backend.ts';
import { Routine } from '../../util/routine.ts';
import { answersOf } from './answers.ts';
import type { BullmqJobs } from './jobs.ts';
import { cancelledSet, deleteEnded } from './scripts.ts';

/** Time in ms between two looks for jobs that were kept long enough, where there may be any. */
const interval = 10_000;
/** Time in ms for each rule that counts jobs, before these are counted again. */
const countPause = 300;
/** Jobs of one command: Redis does nothing else meanwhile. */
const mostAtOnce = 1_000;

/** Jobs of one name that one rule is for. */
interface EndedJobs {
  /** The sets that they are in. */
  readonly keys: readonly string[];
  /** What all keys of the queue begin with. */
  readonly base: string;
  readonly rule: KeepRule;
  /** When it is worth looking at again, in epoch ms. */
  nextAt: number;
}

/** Deletes the jobs that were kept long enough after their end: one command, however many names there are. */
export class Retention {
  readonly #jobs: BullmqJobs;
  readonly #names: readonly string[];
  readonly #all: EndedJobs[] = [];
  readonly #routine: Routine;

  constructor(jobs: BullmqJobs, specs: readonly JobSpec[], report: (error: unknown) => void) {
    this.#jobs = jobs;
    this.#names = specs.map(({ name }) => name);
    for (const { name, keep } of specs) {
      this.#add(name, ['completed'], keep.completed);
      this.#add(name, ['failed', cancelledSet], keep.failed);
    }
    this.#routine = new Routine(interval, async () => this.#run(), report);
  }

  end(): void {
    void this.#routine.end();
  }

  #add(name: string, sets: readonly string[], rule: KeepRule): void {
    if (rule.age === Infinity && rule.count === Infinity) return;
    const base = this.#jobs.base(name);
    this.#all.push({ keys: sets.map((set) => base + set), base, rule, nextAt: 0 });
  }

  async #run(): Promise<void> {
    await this.#jobs.mend(this.#names);
    const now = Date.now();
    const due = this.#all.filter(({ nextAt }) => nextAt <= now);
    if (due.length === 0) return;
    const isEmpty = (await this.#jobs.redis.exists(...due.flatMap(({ keys }) => keys))) === 0;
    if (!isEmpty) {
      while (!this.#routine.hasEnded && (await this.#delete(due, now)) === mostAtOnce);
    }
    if (!this.#routine.hasEnded) await this.#plan(due, now, isEmpty);
  }

  /**
   * Nothing is too old before the oldest job is, or before one that ends from now on can be. BullMQ counts by itself when a
   * job ends, but for those that were cancelled: where there are many such rules, these wait longer.
   */
  async #plan(due: readonly EndedJobs[], now: number, isEmpty: boolean): Promise<void> {
    const aged = isEmpty ? [] : due.filter(({ rule }) => rule.age !== Infinity);
    const oldest = await this.#oldest(aged.flatMap(({ keys }) => keys));
    const byCount = this.#all.filter(({ rule }) => rule.count !== Infinity).length;
    for (const each of due) {
      const { keys, rule } = each;
      const first = Math.min(now, ...keys.map((key) => oldest.get(key) ?? now));
      each.nextAt = Math.min(
        first + rule.age,
        rule.count === Infinity ? Infinity : now + byCount * countPause,
      );
    }
  }

  /** When the first of the jobs in each of these sets has ended, in epoch ms. */
  async #oldest(keys: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const pipeline = this.#jobs.redis.pipeline();
    for (const key of keys) pipeline.zrange(key, '0', '0', 'WITHSCORES');
    const answers = keys.length === 0 ? [] : await answersOf(pipeline);
    const times = answers.map((first, index) => {
      return [keys[index] ?? '', Number((first as string[])[1] ?? Infinity)] as const;
    });
    return new Map(times);
  }

  async #delete(due: readonly EndedJobs[], now: number): Promise<unknown> {
    const values = due.flatMap(({ base, keys, rule: { age, count } }) => [
      base,
      age === Infinity ? '' : now - age,
      count === Infinity ? '' : count,
      keys.length,
    ]);
    const keys = due.flatMap((each) => each.keys);
    return this.#jobs.redis.eval(deleteEnded, keys.length, ...keys, mostAtOnce, ...values);
  }
}
