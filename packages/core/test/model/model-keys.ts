import type { Setup } from './actions.ts';
import type { ModelJob } from './model-work.ts';

interface Lane {
  /** Its live jobs, and the `spawn()` calls for such that wait for room. */
  readonly jobs: Set<ModelJob>;
  running: number;
  /** When the last of them started, counted in starts. */
  turn: number;
}

/** What a scheduler knows of the keys of its jobs. */
export class ModelKeys {
  readonly #lanes = new Map<string | undefined, Lane>();
  readonly #perKey: number;
  readonly #fair: boolean;
  #starts = 0;

  constructor({ perKey, fair }: Setup) {
    this.#perKey = perKey;
    this.#fair = fair;
  }

  enter(job: ModelJob): void {
    const { key } = job.action;
    const lane = this.#lanes.get(key) ?? { jobs: new Set(), running: 0, turn: 0 };
    lane.jobs.add(job);
    this.#lanes.set(key, lane);
  }

  /** The last of its jobs takes the key with it. */
  leave(job: ModelJob): void {
    const lane = this.#laneOf(job);
    lane?.jobs.delete(job);
    if (lane?.jobs.size === 0) this.#lanes.delete(job.action.key);
  }

  count(job: ModelJob, more: 1 | -1): void {
    const lane = this.#laneOf(job);
    if (lane === undefined) return;
    lane.running += more;
    if (more < 0) return;
    this.#starts += 1;
    lane.turn = this.#starts;
  }

  isFull(job: ModelJob): boolean {
    const { key } = job.action;
    if (key === undefined || job.group?.inside !== undefined) return false;
    return (this.#lanes.get(key)?.running ?? 0) >= this.#perKey;
  }

  turn(job: ModelJob): number {
    return this.#fair ? (this.#laneOf(job)?.turn ?? 0) : 0;
  }

  #laneOf(job: ModelJob): Lane | undefined {
    return job.group?.inside === undefined ? this.#lanes.get(job.action.key) : undefined;
  }
}
