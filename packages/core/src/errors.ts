/**
 * Base of every error that Outlive makes. Compare `code`, which is stable, rather than messages.
 *
 * @example
 * ```ts
 * import { Scheduler, SchedulerError } from '@outlive/core';
 *
 * const scheduler = new Scheduler();
 * await scheduler.close();
 * await scheduler.spawn(() => 1).catch((error: unknown) => {
 *   if (error instanceof SchedulerError) console.log(error.code); // ERR_SCHEDULER_CLOSED
 * });
 * ```
 */
export abstract class SchedulerError extends Error {
  /** Stable across versions, such as `ERR_JOB_CANCELLED`: what to compare. */
  abstract readonly code: string;
}

/** A closed scheduler accepts nothing new: what was spawned, shielded or waited for afterwards rejects with this. */
export class SchedulerClosedError extends SchedulerError {
  override readonly name: string = 'SchedulerClosedError';
  readonly code = 'ERR_SCHEDULER_CLOSED';

  constructor(message = 'The scheduler is closed', options?: ErrorOptions) {
    super(message, options);
  }
}

/** `spawnNow()` found neither a free slot nor room among the pending jobs. */
export class PendingLimitError extends SchedulerError {
  override readonly name: string = 'PendingLimitError';
  readonly code = 'ERR_PENDING_LIMIT';

  constructor(message = 'No room for another job', options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * What `wait()` of a cancelled job throws; its `cause` is the reason of the cancellation.
 * Its `name` is `'AbortError'`, so that code written for the platform's own aborts handles it too.
 */
export class JobCancelledError extends SchedulerError {
  override readonly name: string = 'AbortError';
  readonly code = 'ERR_JOB_CANCELLED';

  constructor(message = 'The job was cancelled', options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * A time was up: the job's own `timeout` (then it is the reason of the job's signal),
 * or that of `wait({ timeout })` or `close({ timeout })`. Its `name` is `'TimeoutError'`.
 */
export class JobTimeoutError extends SchedulerError {
  override readonly name: string = 'TimeoutError';
  readonly code = 'ERR_JOB_TIMEOUT';

  constructor(message = 'The job took too long', options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * Makes an error without a stack trace. A cancelled job says nothing by the place where the library
 * made its error, and capturing 100,000 stacks is most of what cancelling 100,000 jobs would cost.
 */
export function withoutStack<E>(make: () => E): E {
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = 0;
  } catch {
    return make(); // somebody has frozen it
  }
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
