import type { JobRecord } from '../job/record.ts';
import { checkCount } from '../util/check.ts';
import { Heap } from '../util/heap.ts';
import type { JobList } from './job-list.ts';
import type { ReleasedJobs } from './released-jobs.ts';
import { KeyLane } from './key-lane.ts';

/** How the jobs of one key are limited. */
export interface KeyLimits {
  readonly perKey: number | ((key: string) => number);
  readonly fair: boolean;
}

/** Whether a key of a job makes any difference. */
export function limitsKeys({ perKey, fair }: KeyLimits): boolean {
  return fair || perKey !== Infinity;
}

/**
 * The pending jobs that have a key, of which only those may start whose key has not as many running as it may.
 * Constant-time in the number of jobs, logarithmic in that of the keys that could start one.
 */
export class Keys {
  /** Pending jobs that could start now. */
  ready = 0;
  readonly #perKey: KeyLimits['perKey'];
  /** Whether keys take turns. Jobs without a key share one turn then. */
  readonly #fair: boolean;
  readonly #lanes = new Map<string | undefined, KeyLane>();
  /** The lanes that could start a job. */
  readonly #byTurn = new Heap<KeyLane>(hasItsTurnBefore, (lane) => lane.byTurn);
  readonly #byAge = new Heap<KeyLane>(isOlder, (lane) => lane.byAge);
  /** Whether the order by age is another one, and kept. */
  #isMixed: boolean;
  /** Has changed, and is not where it belongs. */
  #unsorted: KeyLane | undefined;
  #starts = 0;
  #onChange: ((lane: KeyLane) => void) | undefined;

  constructor({ perKey, fair }: KeyLimits) {
    this.#perKey = perKey;
    this.#fair = fair;
    this.#isMixed = fair;
  }

  /** Calls back when a key has become full, or is full no more. */
  onChange(listener: (lane: KeyLane) => void): void {
    this.#onChange = listener;
  }

  /** Puts a new job into the lane of its key. @throws what `perKey` throws, RangeError or TypeError for what it gives */
  enter(job: JobRecord): void {
    const { key } = job.options;
    if (key === undefined && !this.#fair) return;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new KeyLane(key, this.#limitOf(key));
      this.#lanes.set(key, lane);
    }
    lane.uses += 1;
    job.extend().lane = lane;
    if (!this.#isMixed && job.options.priority !== 0) this.#mix();
  }

  /** Whether a job with this key could not start now. */
  isFull(key: string | undefined): boolean {
    return this.#lanes.get(key)?.isFull === true;
  }

  /** Whether this job could not start now. */
  holdsBack(job: JobRecord): boolean {
    return laneOf(job)?.isFull === true;
  }

  push(job: JobRecord): void {
    const lane = laneOf(job) as KeyLane;
    lane.pending.push(job);
    // The newest job comes last, unless its priority is larger: then its lane stays where it is.
    const stays = lane.byTurn.at >= 0 && job.options.priority <= lane.priority;
    this.#pend(lane, 1, stays);
  }

  /** Adds a job that was blocked, where it would stand had it never been. */
  insert(job: JobRecord): void {
    const lane = laneOf(job) as KeyLane;
    lane.pending.insert(job);
    this.#pend(lane, 1);
  }

  remove(job: JobRecord): void {
    const lane = laneOf(job) as KeyLane;
    lane.pending.remove(job);
    this.#pend(lane, -1, job !== lane.next && job !== lane.oldest);
  }

  /** So many more of the job's key run: it has started, or its function has ended. */
  count(job: JobRecord, more: 1 | -1): void {
    const lane = laneOf(job);
    if (lane === undefined) return;
    if (more > 0) {
      this.#starts += 1;
      if (this.#fair) lane.turn = this.#starts;
    }
    const wasFull = lane.isFull;
    lane.running += more;
    if (lane.isFull !== wasFull) {
      this.ready += wasFull ? lane.waiting : -lane.waiting;
      this.#onChange?.(lane);
    }
    if (more > 0 || wasFull) this.#changed(lane);
  }

  /** The job is none any more. */
  leave(job: JobRecord): void {
    const lane = laneOf(job);
    if (lane === undefined) return;
    lane.uses -= 1;
    if (lane.uses === 0) this.#lanes.delete(lane.key);
  }

  /** The job whose turn it is: of these, and one without a key. */
  next(oldest: boolean, keyless: JobRecord | undefined): JobRecord | undefined {
    this.#sortUnsorted();
    const keyed = oldest && this.#isMixed ? this.#byAge.first?.oldest : this.#byTurn.first?.next;
    if (keyed === undefined || keyless === undefined) return keyed ?? keyless;
    const byId = keyed.ordinal < keyless.ordinal ? keyed : keyless;
    const more = keyed.options.priority - keyless.options.priority;
    if (oldest || more === 0) return byId;
    return more > 0 ? keyed : keyless;
  }

  /** The oldest job of each key. */
  get heads(): (JobRecord | undefined)[] {
    return [...this.#lanes.values()].map(({ pending }) => pending.next(true));
  }

  get lists(): (JobList | ReleasedJobs)[] {
    return [...this.#lanes.values()].flatMap((lane) => lane.pending.lists);
  }

  #limitOf(key: string | undefined): number {
    if (typeof this.#perKey === 'number') return key === undefined ? Infinity : this.#perKey;
    return key === undefined ? Infinity : checkCount('perKey(key)', this.#perKey(key), 1);
  }

  /** Its pending jobs have become so many more. @param stays - they start in its turn as before */
  #pend(lane: KeyLane, more: 1 | -1, stays = false): void {
    lane.waiting += more;
    if (!lane.isFull) this.ready += more;
    if (!stays) this.#changed(lane);
  }

  /** A start takes a job out and counts it in: that sorts its lane once. */
  #changed(lane: KeyLane): void {
    if (this.#unsorted === lane) return;
    this.#sortUnsorted();
    this.#unsorted = lane;
  }

  #sortUnsorted(): void {
    const lane = this.#unsorted;
    if (lane === undefined) return;
    this.#unsorted = undefined;
    lane.lookAtPending();
    if (lane.next === undefined || lane.isFull) {
      this.#byTurn.delete(lane);
      this.#byAge.delete(lane);
    } else {
      this.#byTurn.put(lane);
      if (this.#isMixed) this.#byAge.put(lane);
    }
  }

  /** From the first priority on the oldest job is not always the next one. */
  #mix(): void {
    this.#sortUnsorted();
    this.#isMixed = true;
    for (const lane of this.#lanes.values()) if (lane.byTurn.at >= 0) this.#byAge.put(lane);
  }
}

function laneOf(job: JobRecord): KeyLane | undefined {
  return job.extras?.lane as KeyLane | undefined;
}

// By what the lanes remember of their jobs: to look at the jobs themselves would be slow, since they lie apart.

function hasItsTurnBefore(a: KeyLane, b: KeyLane): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.turn === b.turn ? a.id < b.id : a.turn < b.turn;
}

function isOlder(a: KeyLane, b: KeyLane): boolean {
  return a.oldestId < b.oldestId;
}
