import type { JobContext } from '@outlive/core';

/** The function of a durable job. Runs at least once for each job that is stored. */
export type JobHandler<P> = (payload: P, context: DurableJobContext) => unknown;

/** What a handler gets besides its payload. */
export interface DurableJobContext {
  /** The id of the stored job, the same in every run: its idempotency key. */
  readonly id: string;
  /** 1 in the first run. A run that was handed back in a shutdown does not count. */
  readonly attempt: number;
  /**
   * Aborts when the process shuts down and the grace is over, on the job's `timeout`, and when its lease is
   * lost. A handler that then rejects is handed back, failed or ignored, in this order.
   */
  readonly signal: AbortSignal;
  /**
   * Aborts when a shutdown begins: a long job may stop at a good place, by throwing, and is then handed back.
   */
  readonly drainSignal: AbortSignal;
  /**
   * Keeps how far the run has come, for `jobs.get()`: JSON of at most 65,536 bytes. Of values that come faster than the
   * store takes them, the last one is written. Without a store it does nothing but check.
   *
   * @throws {@link JobPayloadError} for what the store could not keep; {@link LeaseLostError} or {@link JobStoreError} where
   *   it was not kept (rejects). A call that nobody awaits raises no unhandled rejection
   */
  progress(value: unknown): Promise<void>;
  /** This run as a job of the process's scheduler: what a `drain({ from: job })` inside the handler takes. */
  readonly job: JobContext;
}

/** What a run has besides its job in the scheduler. */
export interface Run {
  /** Of the stored job. */
  readonly id: string;
  readonly attempt: number;
  readonly progress: { report(value: unknown): Promise<void> };
}

/** The context of one run. */
export function jobContext(job: JobContext, { id, attempt, progress }: Run): DurableJobContext {
  return {
    id,
    attempt,
    job,
    // Without `this`: handlers take it out of the context.
    progress: (value) => progress.report(value),
    // A job creates its signals when they are first read.
    get signal() {
      return job.signal;
    },
    get drainSignal() {
      return job.drainSignal;
    },
  };
}
