import type { JobRecord } from '../job/record.ts';
import { Heap, type Place } from '../util/heap.ts';
import type { KeyLane } from './key-lane.ts';

/** When the call was made, and where its job stands. */
interface CallPlace extends Place {
  readonly call: number;
}

/** The calls for jobs of one key, or for those without one, that wait for nothing but room. */
class LaneCalls {
  readonly lane: KeyLane | undefined;
  readonly jobs = new Heap<JobRecord>((a, b) => callOf(a) < callOf(b), placeOf);
  readonly place: Place = { at: -1 };

  constructor(lane: KeyLane | undefined) {
    this.lane = lane;
  }

  /** The call of the first of them. */
  get call(): number {
    return callOf(this.jobs.first as JobRecord);
  }
}

/**
 * The `spawn()` calls that wait where no job may be pending, as far as their jobs could start. One that could not start
 * all the same, for its `after` or its key, holds nobody back: others pass it. Logarithmic in the number of the calls.
 */
export class PassableCalls {
  readonly #lanes = new Map<KeyLane | undefined, LaneCalls>();
  /** Those whose key is not full. */
  readonly #open = new Heap<LaneCalls>(
    (a, b) => a.call < b.call,
    ({ place }) => place,
  );
  #calls = 0;

  /** The first call that none may overtake. */
  get first(): JobRecord | undefined {
    return this.#open.first?.jobs.first;
  }

  enter(job: JobRecord): void {
    const extras = job.extend();
    this.#calls += 1;
    const place: CallPlace = { at: -1, call: this.#calls };
    extras.place = place;
    if (!extras.blocked) this.unblocked(job);
  }

  /** The job waits no more for what it had to wait for besides room. */
  unblocked(job: JobRecord): void {
    const lane = laneOf(job);
    let calls = this.#lanes.get(lane);
    if (calls === undefined) {
      calls = new LaneCalls(lane);
      this.#lanes.set(lane, calls);
    }
    calls.jobs.put(job);
    this.#sort(calls);
  }

  remove(job: JobRecord): void {
    const calls = this.#lanes.get(laneOf(job));
    if (calls === undefined) return;
    // Taken out first, as it is compared by its first job.
    this.#open.delete(calls);
    calls.jobs.delete(job);
    this.#sort(calls);
  }

  /** A key has become full, or is full no more. */
  laneChanged(lane: KeyLane): void {
    const calls = this.#lanes.get(lane);
    if (calls !== undefined) this.#sort(calls);
  }

  #sort(calls: LaneCalls): void {
    const { jobs, lane } = calls;
    if (jobs.first === undefined) this.#lanes.delete(lane);
    else if (lane?.isFull !== true) this.#open.put(calls);
    else this.#open.delete(calls);
  }
}

function placeOf(job: JobRecord): CallPlace {
  return job.extend().place as CallPlace;
}

function callOf(job: JobRecord): number {
  return placeOf(job).call;
}

function laneOf(job: JobRecord): KeyLane | undefined {
  return job.extras?.lane as KeyLane | undefined;
}
