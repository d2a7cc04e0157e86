import type { JobRecord } from '../job/record.ts';
import { JobHeap } from './job-heap.ts';
import { JobList } from './job-list.ts';

/** Pending jobs of one priority. */
class Level {
  /** In the order of their ids. */
  readonly spawned = new JobList();
  /** Jobs that had to wait for their `after`: they keep the place that their id gives them. */
  readonly released = new JobHeap((job) => job.ordinal);
  readonly priority: number;

  constructor(priority: number) {
    this.priority = priority;
  }

  get first(): JobRecord | undefined {
    const spawned = this.spawned.head;
    const released = this.released.head;
    if (spawned === undefined) return released;
    if (released === undefined) return spawned;
    return spawned.ordinal < released.ordinal ? spawned : released;
  }
}

/**
 * The jobs that wait for a slot, and those that wait for their `after` before they may.
 * Constant-time in the number of jobs, but for those that waited for their `after`; taking the oldest looks at each priority in use.
 */
export class PendingQueue {
  /** Jobs that could start now. */
  ready = 0;
  readonly #blocked = new JobList();
  readonly #normal = new Level(0);
  /** Highest priority first. */
  #levels: Level[] = [this.#normal];

  get size(): number {
    return this.ready + this.#blocked.size;
  }

  push(job: JobRecord): void {
    this.#level(job.options.priority).spawned.push(job);
    this.ready += 1;
  }

  block(job: JobRecord): void {
    this.#blocked.push(job);
  }

  /** Moves a blocked job to where it would stand had it never been blocked. */
  release(job: JobRecord): void {
    this.#blocked.remove(job);
    this.#level(job.options.priority).released.add(job);
    this.ready += 1;
  }

  remove(job: JobRecord): void {
    const { extras } = job;
    if (extras?.blocked === true) {
      this.#blocked.remove(job);
      return;
    }
    this.ready -= 1;
    const level = this.#level(job.options.priority);
    (extras?.released === true ? level.released : level.spawned).remove(job);
  }

  /** The job whose turn it is: of the highest priority, or the oldest of all. */
  next(oldest: boolean): JobRecord | undefined {
    if (this.#levels.length === 1) return this.#normal.first;
    return oldest ? this.#oldest() : this.#highest();
  }

  /** Adds its jobs to a snapshot, oldest first. */
  addTo(snapshot: JobRecord[]): void {
    const lists = [
      this.#blocked,
      ...this.#levels.flatMap((level) => [level.released, level.spawned]),
    ];
    const used = lists.filter(({ size }) => size > 0);
    const [only] = used;
    if (only instanceof JobList && used.length === 1) {
      only.addTo(snapshot);
      return;
    }
    const jobs: JobRecord[] = [];
    for (const list of used) list.addTo(jobs);
    for (const job of jobs.toSorted((a, b) => a.ordinal - b.ordinal)) snapshot.push(job);
  }

  #highest(): JobRecord | undefined {
    let empty = 0;
    let first: JobRecord | undefined;
    for (const level of this.#levels) {
      first = level.first;
      if (first !== undefined) break;
      empty += 1;
    }
    if (empty > 1)
      this.#levels = this.#levels.filter((level) => level === this.#normal || level.first);
    return first;
  }

  #oldest(): JobRecord | undefined {
    let oldest: JobRecord | undefined;
    for (const { first } of this.#levels) {
      if (first !== undefined && (oldest === undefined || first.ordinal < oldest.ordinal))
        oldest = first;
    }
    return oldest;
  }

  #level(priority: number): Level {
    if (priority === 0) return this.#normal;
    let low = 0;
    let high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#levels[middle] as Level).priority > priority) low = middle + 1;
      else high = middle;
    }
    const found = this.#levels[low];
    if (found?.priority === priority) return found;
    const level = new Level(priority);
    this.#levels.splice(low, 0, level);
    return level;
  }
}
