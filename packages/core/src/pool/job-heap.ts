import type { JobRecord } from '../job/record.ts';

/**
 * Jobs that their `after` has let go, in whatever order: the first of them is at hand, and adding and removing cost the
 * logarithm of their number. A binary heap, in which each job knows its place.
 */
export class JobHeap {
  readonly #heap: JobRecord[] = [];
  readonly #key: (job: JobRecord) => number;

  /** @param key - the number that they are ordered by, smallest first; of no two jobs the same */
  constructor(key: (job: JobRecord) => number) {
    this.#key = key;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** The first. */
  get head(): JobRecord | undefined {
    return this.#heap[0];
  }

  add(job: JobRecord): void {
    this.#rise(job, this.size);
  }

  remove(job: JobRecord): void {
    const place = job.extend().place;
    const last = this.#heap.pop() as JobRecord;
    if (last === job) return;
    const parent = this.#heap[(place - 1) >> 1];
    if (parent !== undefined && this.#isBefore(last, parent)) this.#rise(last, place);
    else this.#sink(last, place);
  }

  /** Adds its jobs to a snapshot, in no order. */
  addTo(snapshot: JobRecord[]): void {
    for (const job of this.#heap) snapshot.push(job);
  }

  #rise(job: JobRecord, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above] as JobRecord;
      if (this.#isBefore(parent, job)) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(job, place);
  }

  #sink(job: JobRecord, from: number): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      const right = this.#heap[below + 1];
      if (right !== undefined && this.#isBefore(right, this.#heap[below] as JobRecord)) below += 1;
      const child = this.#heap[below];
      if (child === undefined || this.#isBefore(job, child)) break;
      this.#put(child, place);
      place = below;
    }
    this.#put(job, place);
  }

  #isBefore(job: JobRecord, other: JobRecord): boolean {
    return this.#key(job) < this.#key(other);
  }

  #put(job: JobRecord, place: number): void {
    this.#heap[place] = job;
    job.extend().place = place;
  }
}
