/** What a job runs. It is given the job, seen from inside. */
export type JobFunction<T> = (job: JobContext) => T | PromiseLike<T>;

/** What a job's function is given: the job itself, seen from inside. */
export interface JobContext {
  /** Unique in its scheduler, increasing. */
  readonly id: number;
  /** Shown in reports and printed with failures. */
  readonly name: string | undefined;
  /** 1 for the first call of the function, more after a `retry`; of a pending job that of the call to come. */
  readonly attempt: number;
  /** Aborts on `close()`, on the job's timeout, and when its scheduler cancels. Made on first read. */
  readonly signal: AbortSignal;
  /** Aborts when a drain begins: a loop may stop early; nothing is cancelled yet. */
  readonly drainSignal: AbortSignal;
}

/** `closing` means cancelled while the function has not settled. */
export type JobState = 'pending' | 'active' | 'closing' | 'closed';

/** How a job ended. */
export type JobOutcome = 'completed' | 'failed' | 'cancelled';

/**
 * The job, or the jobs, that make a call and wait for it: the call leaves them out. A shielded function's
 * `JobContext` will do as well.
 */
export type From = JobContext | readonly JobContext[];

/**
 * A function that a `Scheduler` runs. It begins `pending`, turns `active` when it gets a slot, `closing`
 * when it is cancelled while it runs, and `closed` when its function has settled. Not a promise itself:
 * ask `wait()` for the result.
 *
 * @example
 * ```ts
 * import { setTimeout } from 'node:timers/promises';
 * import { Scheduler } from '@outlive/core';
 *
 * const scheduler = new Scheduler();
 * const job = await scheduler.spawn(({ signal }) => setTimeout(60_000, 'late', { signal }), {
 *   name: 'sleep',
 * });
 * await job.close();
 * console.log(job.outcome); // cancelled
 * ```
 */
export interface Job<T = unknown> extends JobContext, AsyncDisposable {
  /** Shown in reports and printed with failures; may be set at any time. */
  name: string | undefined;
  /** Where the job is in its life. */
  readonly state: JobState;
  /** How it ended; `undefined` until it is closed. */
  readonly outcome: JobOutcome | undefined;
  /** Its function has not been called yet, or waits for its next attempt. */
  readonly pending: boolean;
  /** Its function runs: the state is `active` or `closing`. */
  readonly active: boolean;
  /** Over: `outcome` says how. */
  readonly closed: boolean;
  /**
   * Epoch ms at which the job was accepted. Of many jobs that one turn of the event loop spawns or starts within a
   * millisecond, up to nine share a reading of the clock.
   */
  readonly spawnedAt: number;
  /** Epoch ms at which its function was called; `undefined` if it was not. */
  readonly startedAt: number | undefined;

  /**
   * Gives what the function returned, or throws what it threw: the same value or the same error object,
   * however often and whenever it is called.
   *
   * A call that is made before the end of the turn in which the job fails owns the failure: the
   * exception handler does not get it then.
   *
   * @param options - `timeout` (ms) and `signal` stop only the waiting, and the job goes on (aiojobs would
   *   cancel it). A wait that has given up is no waiter any more.
   * @throws rejects with what the function threw, `JobCancelledError` for a cancelled job, `JobTimeoutError`
   *   when `timeout` is over, or the reason of `signal`; TypeError or RangeError, at the call, for a bad option
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const job = await new Scheduler().spawn(async () => 42);
   * console.log(await job.wait({ timeout: 1_000 })); // 42
   * ```
   */
  wait(options?: { timeout?: number | undefined; signal?: AbortSignal | undefined }): Promise<T>;

  /**
   * Cancels the job and resolves when its function has settled. A pending job is removed at once and
   * never called. Closing a closed job does nothing.
   *
   * A job that closes itself is cancelled; if it also awaits that, it waits for its own end, and
   * `timeout` ends the waiting.
   *
   * @param options - `timeout`: ms to wait (default: the scheduler's `closeTimeout`). `reason`: the
   *   reason of the job's signal (default: a `JobCancelledError`).
   * @throws rejects with `JobTimeoutError` when `timeout` is over, while the job stays `closing` and counted;
   *   with what the job failed with, if that was not the cancellation
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const job = new Scheduler().spawnNow(async ({ signal }) => {
   *   while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
   * });
   * await job.close({ timeout: 500, reason: new Error('not needed any more') });
   * ```
   */
  close(options?: { timeout?: number | undefined; reason?: unknown }): Promise<void>;

  /** `close()`: `await using job = …` cancels the job at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}
