import type { JobRecord } from '../job/record.ts';
import { JobList } from './job-list.ts';
import { ReleasedJobs } from './released-jobs.ts';

/** Pending jobs of one priority. */
class Level {
  /** In the order of their ids. */
  readonly spawned = new JobList();
  /** Jobs that had to wait for their `after`: they keep the place that their id gives them. */
  readonly released = new ReleasedJobs();
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
 * Pending jobs in the order in which they start: by priority, then by id.
 * Constant-time in the number of jobs, logarithmic in that of the released ones; taking the oldest looks at each priority in use.
 */
export class JobOrder {
  readonly #normal = new Level(0);
  /** Highest priority first. */
  #levels: Level[] = [this.#normal];

  /** The job that starts first, or as every so often the oldest whatever its priority. */
  next(oldest: boolean): JobRecord | undefined {
    if (this.#levels.length === 1) return this.#normal.first;
    return oldest ? this.#oldest() : this.#highest();
  }

  /** Adds the newest job. */
  push(job: JobRecord): void {
    this.#level(job.options.priority).spawned.push(job);
  }

  /** Adds a job that was blocked, where it would stand had it never been. */
  insert(job: JobRecord): void {
    this.#level(job.options.priority).released.insert(job);
  }

  remove(job: JobRecord): void {
    const level = this.#level(job.options.priority);
    (job.extras?.released === true ? level.released : level.spawned).remove(job);
  }

  /** What it consists of, each in the order of ids. */
  get lists(): (JobList | ReleasedJobs)[] {
    return this.#levels.flatMap((level) => [level.released, level.spawned]);
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
