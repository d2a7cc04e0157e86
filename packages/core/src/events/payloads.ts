import type { Job, JobOutcome } from '../job.ts';
import type { DrainReport } from '../report.ts';

// What the channels carry. `S` is the scheduler's class, which this file must not know; times are milliseconds.

/** A job of `@outlive/durable`, as it stands in its store. */
export interface StoredJobInfo {
  /** Its id in the store. */
  readonly id: string;
  /** The name of its definition. */
  readonly name: string;
  /** Which run of it this is, from 1, in whatever process the others were. */
  readonly attempt: number;
  /** Trace context and the like that was stored with it, by name; empty where nothing was. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What all events of one job have. */
export interface JobEventOf<S> {
  readonly job: Job;
  readonly scheduler: S;
  /** What was spawned: a function, an atomic handler, or a job that was claimed from a store. */
  readonly kind: 'function' | 'atomic' | 'durable';
  /** The raw request (`http.IncomingMessage`) that it was spawned for, if it was. */
  readonly request: object | undefined;
  /** Where it stands in a store, if it was claimed from one. */
  readonly stored: StoredJobInfo | undefined;
}

export interface JobStartEventOf<S> extends JobEventOf<S> {
  /** Which attempt begins, from 1. */
  readonly attempt: number;
  /** ms between its spawn, or the end of the attempt before, and this start. */
  readonly wait: number;
}

export interface JobSettleEventOf<S> extends JobEventOf<S> {
  readonly outcome: JobOutcome;
  /** What it failed with; of a cancelled one the reason. */
  readonly error: unknown;
  /** How many attempts there were. */
  readonly attempt: number;
  /** ms that it waited for its last attempt, or in vain. */
  readonly wait: number;
  /** ms that its last attempt ran; `undefined` if its function was never called. */
  readonly run: number | undefined;
}

export interface JobCancelEventOf<S> extends JobEventOf<S> {
  readonly reason: unknown;
  /** Whether its function runs, and has to settle yet; a pending job is removed at once. */
  readonly running: boolean;
}

export interface JobRetryEventOf<S> extends JobEventOf<S> {
  /** What the attempt failed with. */
  readonly error: unknown;
  /** Which attempt failed, from 1. */
  readonly attempt: number;
  /** ms that it ran. */
  readonly run: number;
  /** ms until the job goes for a slot again. */
  readonly delay: number;
}

/** A `spawn()` that made no job. */
export interface JobRefuseEventOf<S> {
  readonly scheduler: S;
  /** The name that the job would have had. */
  readonly name: string | undefined;
  readonly kind: JobEventOf<S>['kind'];
  readonly request: object | undefined;
  /** What the call threw or rejected with: `PendingLimitError`, `SchedulerClosedError`, the reason of an aborted signal. */
  readonly error: unknown;
}

export interface SchedulerDrainEventOf<S> {
  readonly scheduler: S;
  /** ms of grace. */
  readonly timeout: number;
  /** Whether all jobs are drained; `false`: those of the requests of one server. */
  readonly all: boolean;
  /** Resolves when the drain is over; never rejects. */
  readonly report: Promise<DrainReport>;
}

export interface SchedulerCloseEventOf<S> {
  readonly scheduler: S;
  /** Resolves when all jobs have settled or are abandoned; never rejects. */
  readonly report: Promise<DrainReport>;
}

export interface SchedulerStallEventOf<S> {
  readonly scheduler: S;
  /** ms since a job settled, or since one has to wait, whichever is shorter. */
  readonly stalledFor: number;
  /** The jobs that have all the slots, longest running first. */
  readonly active: readonly Job[];
  /** How many jobs wait. */
  readonly pending: number;
}

/** Jobs are about to be stored: subscribers may add headers, to be stored with each. */
export interface DurableStoreEventOf<S> {
  readonly scheduler: S;
  /** The name of their definition. */
  readonly name: string;
  /** How many are stored by this call. */
  readonly count: number;
  /** What every run of the jobs finds in its `stored.headers`, in whatever process. */
  readonly headers: Record<string, string>;
  /**
   * Resolves to their ids when they are stored (`null`: there is such a job already), rejects with what the call rejects
   * with. It need not be looked at.
   */
  readonly ids: Promise<readonly (string | null)[]>;
}

/** A job has been stored. */
export interface DurableEnqueueEventOf<S> {
  readonly scheduler: S;
  readonly stored: Pick<StoredJobInfo, 'id' | 'name'>;
  /** Whether in a transaction of the caller's, which may be rolled back yet. */
  readonly inTransaction: boolean;
}

/** What all events of one run of a stored job have. */
export interface DurableRunEventOf<S> {
  readonly scheduler: S;
  readonly stored: StoredJobInfo;
  /** The job of the scheduler that runs it; `undefined` where it never came to that. */
  readonly job: Job | undefined;
}

export interface DurableSettleEventOf<S> extends DurableRunEventOf<S> {
  readonly outcome: JobOutcome;
  /** What the run failed with; of a cancelled one the reason. */
  readonly error: unknown;
  /** Whether it is over for good; `false`: a failed run, with another one to come. */
  readonly final: boolean;
  /** ms between the claim and the start of the handler. */
  readonly wait: number;
  /** ms that the run took, its recording in the store included. */
  readonly run: number;
}
