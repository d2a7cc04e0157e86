import type { Job, JobContext, JobFunction } from '../job.ts';
import type { JobOptions } from '../options.ts';

/** How the jobs of one group run. Everything is optional. */
export interface GroupOptions {
  /** Functions of the group that run at once, from 1. @defaultValue `Infinity`; with `inside`, where it has to be finite, `10` */
  readonly limit?: number | undefined;
  /** Aborting it cancels all jobs of the group. @defaultValue none; of `group(request)` the `requestSignal()` */
  readonly signal?: AbortSignal | undefined;
  /** Whether the first failure cancels the other jobs. @defaultValue `true` */
  readonly failFast?: boolean | undefined;
  /**
   * The running job that opens the group: the group's jobs run in the slot that it holds, under the group's own
   * `limit`, so that a job can wait for the jobs that it spawns however few slots there are. It holds its slot until
   * they have settled, and they are cancelled when it is. They are never refused for `pendingLimit`, and no
   * `key` holds them back.
   * @defaultValue none; of `group(request)` inside an atomic handler that handler
   */
  readonly inside?: JobContext | undefined;
  /** Printed by `console.log(group)`. @defaultValue none */
  readonly name?: string | undefined;
}

/**
 * Jobs that end together: none outlives its group. Iterating over a group gives the results in the order of
 * completion, until all jobs have settled; they are kept for that until the first `wait()`.
 *
 * The first failure is the group's own: `wait()` and the iteration throw it. A group that is closed, or dropped,
 * before either was called gives it to the exception handler. Further failures go where those of other jobs go.
 * A job that ran into its `timeout` has failed, as far as its group is concerned.
 */
export interface JobGroup extends AsyncDisposable, AsyncIterable<unknown> {
  /** As given to `group()`; `undefined` without. */
  readonly name: string | undefined;
  /** Jobs that have not settled. */
  readonly size: number;
  /** Aborts when the group is cancelled: by its first failure, by `close()`, with its signal or the job it is inside. */
  readonly signal: AbortSignal;

  /**
   * `scheduler.spawn()`, as a job of the group.
   *
   * @throws TypeError or RangeError, at the call; rejects with `JobCancelledError` once the group was cancelled (its
   *   `cause` is the first failure, or the reason), and with what `scheduler.spawn()` rejects with
   * @example `await group.spawn(() => fetch(url), { name: url })`
   */
  spawn<T>(fn: JobFunction<T>, options?: JobOptions): Promise<Job<T>>;

  /**
   * `spawn()` for synchronous code.
   *
   * @throws what `spawn()` throws or rejects with; `PendingLimitError` where there is no room
   */
  spawnNow<T>(fn: JobFunction<T>, options?: JobOptions): Job<T>;

  /**
   * Resolves when all jobs of the group have settled, those that are spawned meanwhile included.
   *
   * @throws rejects then with the first failure: with what the first job to fail has thrown; without one with a
   *   `JobCancelledError` if the group was cancelled by anything but its own `close()`
   * @example `await group.wait()`
   */
  wait(): Promise<void>;

  /**
   * Cancels what has not settled, and resolves when all has. The group takes nothing more. Closing it again
   * waits for the same.
   *
   * @param options - `reason`: of the jobs' signals (default: a `JobCancelledError`)
   * @throws never rejects: what the jobs fail with meanwhile goes where the group's failures go
   */
  close(options?: { reason?: unknown }): Promise<void>;

  /** `close()`: `await using group = …` cancels what still runs at the end of the block, and waits for it. */
  [Symbol.asyncDispose](): Promise<void>;
}
