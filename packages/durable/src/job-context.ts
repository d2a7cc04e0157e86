import type { JobContext } from '@outlive/core';

/** What a durable job does. Runs at least once for each job that was stored. */
export type JobHandler<P> = (payload: P, context: DurableJobContext) => unknown;

/** What a handler is told besides its payload. */
export interface DurableJobContext {
  /** Of the job, the same in every run of it: its idempotency key. */
  readonly id: string;
  /** 1 in the first run. A run that was handed back in a shutdown did not count. */
  readonly attempt: number;
  /**
   * Aborts when the process shuts down and the grace is over, on the job's `timeout`, and when its lease
   * is lost. A handler that then rejects is handed back, failed or forgotten, in this order.
   */
  readonly signal: AbortSignal;
  /** Aborts when a shutdown begins: a long job may stop at a good place, by throwing, and is then handed back. */
  readonly draining: AbortSignal;
}

export function jobContext(job: JobContext, id: string, attempt: number): DurableJobContext {
  return {
    id,
    attempt,
    // Made on first read, like the job's own.
    get signal() {
      return job.signal;
    },
    get draining() {
      return job.draining;
    },
  };
}
