import type { JobRecord } from '../job/record.ts';
import { Heap, type Place } from '../util/heap.ts';

/** A job that waits for a place. */
interface Candidate {
  readonly job: JobRecord;
  /** Of the calls that have had to wait; 0 for a further attempt, which waited before. */
  readonly number: number;
  readonly place: Place;
}

/** The limit of one group: which of its jobs may go for a slot, and which wait until another has ended. */
export class Places {
  readonly #limit: number;
  readonly #holders = new Set<JobRecord>();
  readonly #waiting = new Map<JobRecord, Candidate>();
  readonly #order = new Heap<Candidate>(comesBefore, ({ place }) => place);
  #calls = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#holders.size >= this.#limit;
  }

  /** Gives the job a place, or has it wait for one. */
  take(job: JobRecord): boolean {
    if (!this.isFull) {
      this.#holders.add(job);
      return true;
    }
    this.#calls += 1;
    const candidate = { job, number: job.attempt > 1 ? 0 : this.#calls, place: { at: -1 } };
    this.#waiting.set(job, candidate);
    this.#order.put(candidate);
    return false;
  }

  /** The job needs its place no more, or does not wait for one any more. Gives the job that has got one by that. */
  leave(job: JobRecord): JobRecord | undefined {
    const candidate = this.#waiting.get(job);
    if (candidate !== undefined) {
      this.#waiting.delete(job);
      this.#order.delete(candidate);
    }
    if (!this.#holders.delete(job)) return undefined;
    const next = this.#order.first;
    if (next === undefined) return undefined;
    this.#order.delete(next);
    this.#waiting.delete(next.job);
    this.#holders.add(next.job);
    return next.job;
  }
}

function comesBefore(a: Candidate, b: Candidate): boolean {
  const more = a.job.options.priority - b.job.options.priority;
  if (more !== 0) return more > 0;
  return a.number === b.number ? a.job.ordinal < b.job.ordinal : a.number < b.number;
}
