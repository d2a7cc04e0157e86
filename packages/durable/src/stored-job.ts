/**
 * Where a stored job is in its life. `waiting`: ready, for a process with a free slot. `delayed`: its time has not come.
 * `running`: on loan to a process; so it stays while its handler ignores a cancellation. `retrying`: failed, or died with its
 * process, and not yet begun again. The others are ends.
 */
export type StoredJobState =
  'waiting' | 'delayed' | 'running' | 'retrying' | 'completed' | 'failed' | 'cancelled';

/** All states, in the order of a job's life. */
export const storedJobStates: readonly StoredJobState[] = [
  'waiting',
  'delayed',
  'running',
  'retrying',
  'completed',
  'failed',
  'cancelled',
];

/** What a run failed with, as data: the store keeps no instances of classes. */
export interface StoredError {
  /** That of the error: `'TypeError'`. */
  readonly name: string;
  /** At most 10,000 characters. */
  readonly message: string;
  /** At most 10,000 characters. */
  readonly stack?: string | undefined;
}

/** A job as the store has it. Times are in epoch ms. */
export interface StoredJob {
  /** Of the job, the same in every run. */
  readonly id: string;
  /** That of its definition. */
  readonly name: string;
  /** Where it is in its life. */
  readonly state: StoredJobState;
  /** The runs that it has had, the present one included; 0 before the first. */
  readonly attempt: number;
  /** As it was stored. */
  readonly payload: unknown;
  /** What its handler has returned, if it is `completed` and that was kept. */
  readonly result?: unknown;
  /** What its last run failed with, unless it is `completed`. */
  readonly error?: StoredError | undefined;
  /** What its handler has last reported by `context.progress()`. */
  readonly progress?: unknown;
  /** When it was stored. */
  readonly createdAt: number;
  /** When its last run began. */
  readonly startedAt?: number | undefined;
  /** When it was completed, failed for good or cancelled. */
  readonly endedAt?: number | undefined;
  /** When it may run, if that is still to come: it is `delayed`, or `retrying`. */
  readonly runAt?: number | undefined;
  /** The process that has, or had, its last run: `host:pid`. Known once a run has lasted for a second or more. */
  readonly process?: string | undefined;
}

/** A page of jobs, the newest first. */
export interface StoredJobPage {
  /** At most as many as were asked for. */
  readonly jobs: StoredJob[];
  /** What `after` takes for the next page; missing on the last one. */
  readonly next?: string | undefined;
}

/** Whether a job in this state has ended. */
export function isEnd(state: StoredJobState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}
