import type { Depth } from './depth.ts';
import type { Lease } from './lease.ts';
import type { StoredJob, StoredJobPage, StoredJobState } from './stored-job.ts';

// The parts of a backend that operators use. They work on all jobs in the store, also on those of names that were not
// opened in this process.

/** Which jobs to list. */
export interface JobQuery {
  /** Of this name alone. */
  readonly name?: string | undefined;
  /** In this state alone. */
  readonly state?: StoredJobState | undefined;
  /** Most jobs of a page, from 1 to 1,000. */
  readonly limit: number;
  /** The `next` of an earlier page. */
  readonly after?: string | undefined;
}

/**
 * Looks jobs up.
 *
 * @throws a method rejects with whatever its engine has failed with
 */
export interface JobLookup {
  /** A job, if there is one with this id. */
  get(id: string): Promise<StoredJob | undefined>;

  /**
   * The newest first. A job that is there during all calls is on exactly one page, also while others come and go.
   *
   * @throws RangeError for an `after` that is none of this store (rejects)
   */
  list(query: JobQuery): Promise<StoredJobPage>;

  /** How many jobs there are of each name in the store, counted now. */
  depth(): Promise<Record<string, Depth>>;

  /** Those of these jobs that have ended, or are not there. */
  ended(ids: readonly string[]): Promise<string[]>;
}

/**
 * Changes jobs from outside. A call that resolves to `false` has changed nothing.
 *
 * @throws a method rejects with whatever its engine has failed with
 */
export interface JobControl {
  /** Lets a job that failed or was cancelled begin anew, with all its attempts. */
  retry(id: string): Promise<boolean>;

  /**
   * As `retry()`, for all failed jobs of a name.
   *
   * @param query - `error`: those alone whose error has this name, or this text in its message
   * @returns how many
   */
  retryAll(query: RetryQuery): Promise<number>;

  /** Ends a job that has not begun. Of one that runs, marks it, so that {@link JobRuns.cancelled} tells its process. */
  cancel(id: string): Promise<boolean>;

  /** Deletes a job that does not run. */
  discard(id: string): Promise<boolean>;

  /** Lets no process claim jobs of this name any more, until `resume()`. */
  pause(name: string): Promise<void>;

  /** Ends a `pause()`. */
  resume(name: string): Promise<void>;
}

/** Which failed jobs to retry. */
export interface RetryQuery {
  /** That of the jobs. */
  readonly name: string;
  /** The name of the error of a job, or a part of its message. */
  readonly error?: string | undefined;
}

/**
 * What passes between a store and the runs of this process.
 *
 * @throws a method rejects with whatever its engine has failed with
 */
export interface JobRuns {
  /** Keeps what a run reports of its progress. Resolves to `false` if the lease was lost. */
  progress(lease: Lease, value: unknown): Promise<boolean>;

  /** Those of these leases whose jobs are to be cancelled. Called once a second while jobs run. */
  cancelled(leases: readonly Lease[]): Promise<Lease[]>;
}
