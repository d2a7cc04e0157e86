import type { JobRecord } from '../job/record.ts';
import { Heap } from '../util/heap.ts';

/** Jobs that were blocked and are released, in whatever order: the oldest of them is at hand. */
export class ReleasedJobs {
  readonly #heap = new Heap<JobRecord>(
    (a, b) => a.ordinal < b.ordinal,
    (job) => (job.extend().place ??= { at: -1 }),
  );

  get size(): number {
    return this.#heap.items.length;
  }

  get head(): JobRecord | undefined {
    return this.#heap.first;
  }

  insert(job: JobRecord): void {
    this.#heap.put(job);
  }

  remove(job: JobRecord): void {
    this.#heap.delete(job);
  }

  /** Adds its jobs to a snapshot, oldest first. */
  addTo(snapshot: JobRecord[]): void {
    const jobs = this.#heap.items.toSorted((a, b) => a.ordinal - b.ordinal);
    for (const job of jobs) snapshot.push(job);
  }
}
