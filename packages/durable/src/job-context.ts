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
  /** This run as a job of the process's scheduler: what a `drain({ from: job })` inside the handler takes. */
  readonly job: JobContext;
}

/** The context of one run. */
export function jobContext(job: JobContext, id: string, attempt: number): DurableJobContext {
  return {
    id,
    attempt,
    job,
    // A job creates its signals when they are first read.
    get signal() {
      return job.signal;
    },
    get drainSignal() {
      return job.drainSignal;
    },
  };
}
