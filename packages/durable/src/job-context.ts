import type { JobContext } from '@outlive/core';
import { expected } from '@outlive/core/internal';
import { NonRetryableError } from './errors.ts';
import { timeOf } from './util/time-of.ts';

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
   * Ends the run: the job fails for good, whatever retries are left.
   *
   * @param reason - a message, or the error that is the `cause`
   * @throws {@link NonRetryableError} always: to end the run, it has to leave the handler
   */
  readonly fail: (reason: unknown) => never;
  /**
   * Ends the run: the attempt fails, and the next one, if any is left, comes at that time instead of after the `backoff`.
   * Any error that has a `retryAt`, thrown by the handler, does the same.
   *
   * @param at - a Date, or epoch ms; one in the past means at once
   * @throws an Error with `retryAt` always: to end the run, it has to leave the handler. TypeError for what is no time
   */
  readonly retryAt: (at: Date | number, reason?: unknown) => never;
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
    fail,
    retryAt,
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

function fail(reason: unknown): never {
  throw new NonRetryableError(...explained(reason, 'The job is not worth another run'));
}

function retryAt(at: Date | number, reason?: unknown): never {
  const time = timeOf(at);
  if (time === undefined) throw new TypeError(expected('at', 'a Date or epoch ms', at));
  throw Object.assign(new Error(...explained(reason, 'The job asks for a later run')), {
    retryAt: time,
  });
}

/** The arguments of an error. */
function explained(reason: unknown, otherwise: string): [message: string, options?: ErrorOptions] {
  if (typeof reason === 'string') return [reason];
  const { message } = (reason ?? {}) as { message?: unknown };
  const text = typeof message === 'string' && message !== '' ? message : otherwise;
  return reason === undefined ? [text] : [text, { cause: reason }];
}
