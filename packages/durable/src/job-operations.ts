import { Scheduler, SchedulerClosedError, type SchedulerOptions } from '@outlive/core';
import { observed } from '@outlive/core/internal';
import type { JobBackend } from './backend.ts';
import { checkJobName } from './job-name.ts';
import {
  checkJobId,
  type ListJobsOptions,
  resolveList,
  resolveRetryAll,
  resolveWait,
  type RetryAllOptions,
  type WaitForJobOptions,
} from './job-queries.ts';
import { JobWaits } from './job-waits.ts';
import type { MemoryBackend } from './engines/memory/factory.ts';
import type { RunPendingOptions } from './engines/memory/testing.ts';
import { UnsupportedError } from './errors.ts';
import type { DefinedJob } from './job-definition.ts';
import { nameOf, storeFailure } from './store-failure.ts';
import type { StoredJob, StoredJobPage } from './stored-job.ts';

/**
 * What an operator does with stored jobs, whichever process stored them, and whether or not this one defines their names.
 * Each call rejects with {@link JobStoreError} where the store does not answer, and with `SchedulerClosedError` once it is
 * closed.
 */
export abstract class JobOperations extends Scheduler {
  readonly #backend: JobBackend;
  readonly #waits: JobWaits;
  #ended = false;

  protected constructor(options: SchedulerOptions, backend: JobBackend) {
    super(options);
    this.#backend = backend;
    this.#waits = new JobWaits(backend.lookup);
  }

  /**
   * A stored job, or `undefined` if there is none with this id (any more: see `keep` of {@link defineJob}).
   *
   * @throws {@link JobStoreError} (rejects). At the call TypeError for what is no id
   * @example
   * ```ts
   * import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
   *
   * const add = defineJob('add', ({ a, b }: { a: number; b: number }) => a + b);
   * await using jobs = await openJobs({ jobs: [add], backend: memoryBackend() });
   * const id = await jobs.enqueue(add, { a: 1, b: 2 });
   * console.log(await jobs.wait(String(id))); // 3
   * console.log((await jobs.get(String(id)))?.state); // completed
   * ```
   */
  get(id: string): Promise<StoredJob | undefined> {
    checkJobId(id);
    return this.ask(async () => this.#backend.lookup.get(id));
  }

  /**
   * For tests, with {@link memoryBackend}: the payloads of the jobs that have not begun, or wait for another attempt.
   *
   * @throws {@link UnsupportedError} at the call, where the store is another one
   */
  enqueued<I>(job: DefinedJob<I>): I[] {
    return this.#memory('enqueued()').enqueued(job);
  }

  /**
   * For tests, with {@link memoryBackend}: resolves when no job runs, and none may start.
   *
   * @throws {@link UnsupportedError} at the call, where the store is another one; Error if nobody runs the jobs (rejects)
   */
  runPending(options?: RunPendingOptions): Promise<void> {
    return this.#memory('runPending()').runPending(options);
  }

  /**
   * Stored jobs, the newest first, a page at a time: `after` takes the `next` of the page before. A job that is there all the
   * time is on one page, also while others come and go.
   *
   * @throws {@link JobStoreError}; RangeError for an `after` that is no `next` of this store (rejects). At the call
   *   TypeError or RangeError for a bad option
   * @example
   * ```ts
   * import type { DurableJobs } from '@outlive/durable';
   *
   * async function printFailed(jobs: DurableJobs): Promise<void> {
   *   for (let after: string | undefined, more = true; more; more = after !== undefined) {
   *     const page = await jobs.list({ state: 'failed', limit: 50, after });
   *     for (const { id, name, error } of page.jobs) console.log(id, name, error?.message);
   *     after = page.next;
   *   }
   * }
   * ```
   */
  list(options?: ListJobsOptions): Promise<StoredJobPage> {
    const query = resolveList(options);
    return this.ask(async () => this.#backend.lookup.list(query));
  }

  /**
   * Waits for the end of a job, in whichever process it runs.
   *
   * @param options - `timeout` and `signal` end the waiting alone
   * @returns the result of its handler, or `undefined` where none is kept
   * @throws what the job failed with, as an Error of the same name, message and stack; `JobCancelledError` if it was
   *   cancelled; {@link JobNotFoundError}; `JobTimeoutError` when `timeout` is over; the reason of `signal`;
   *   `SchedulerClosedError` when this is closed first (rejects). At the call TypeError or RangeError for a bad option
   */
  wait(id: string, options?: WaitForJobOptions): Promise<unknown> {
    checkJobId(id);
    const resolved = resolveWait(options);
    const waiting = this.#waits.wait(id, resolved, async () => this.get(id));
    // Dropped, it says nothing that nobody knows: the process that runs the job reports how it fails.
    return observed(waiting, () => undefined);
  }

  /**
   * Lets a job that has failed for good, or was cancelled, begin anew: at once, with all the attempts of its definition.
   *
   * @returns `false`, with nothing changed, if there is no such job, it is in another state, or a job with its `key` waits or
   *   runs
   * @throws {@link JobStoreError} (rejects). At the call TypeError for what is no id
   */
  retry(id: string): Promise<boolean> {
    checkJobId(id);
    return this.ask(async () => this.#backend.control.retry(id));
  }

  /**
   * `retry()` for all failed jobs of a name; cancelled ones are left alone. Of several with one `key` it retries the first that
   * was stored.
   *
   * @returns how many
   * @throws {@link JobStoreError} (rejects). At the call TypeError for a bad option
   * @example
   * ```ts
   * import type { DurableJobs } from '@outlive/durable';
   *
   * async function mailServerIsBack(jobs: DurableJobs): Promise<void> {
   *   console.log(await jobs.retryAll({ name: 'send-receipt', error: 'ECONNREFUSED' }), 'jobs retried');
   * }
   * ```
   */
  retryAll(options: RetryAllOptions): Promise<number> {
    const query = resolveRetryAll(options);
    return this.ask(async () => this.#backend.control.retryAll(query));
  }

  /**
   * Cancels a job. One that has not begun is `cancelled` at once. Of one that runs, the signal aborts with a
   * `JobCancelledError`, within 2 s in whichever process that is; when its handler rejects it is `cancelled`, neither
   * failed nor retried, and when its handler returns all the same it is `completed`. Until then it is `running`.
   *
   * @returns `false`, with nothing changed, if there is no such job or it has ended
   * @throws {@link JobStoreError} (rejects). At the call TypeError for what is no id
   */
  cancel(id: string): Promise<boolean> {
    checkJobId(id);
    return this.ask(async () => this.#backend.control.cancel(id));
  }

  /**
   * Deletes a job that does not run, in any other state. It leaves no trace.
   *
   * @returns `false`, with nothing changed, if there is no such job or it runs
   * @throws {@link JobStoreError} (rejects). At the call TypeError for what is no id
   */
  discard(id: string): Promise<boolean> {
    checkJobId(id);
    return this.ask(async () => this.#backend.control.discard(id));
  }

  /* oxlint-disable typescript/no-misused-promises -- without a name they are those of a scheduler */

  /** Without a name, as a scheduler's: nothing starts in this process. */
  override pause(): void;
  /**
   * Lets no process start jobs of this name any more, later ones included, until `resume(name)`. Other processes know
   * within a second. Jobs that run go on, and more can be stored.
   *
   * @throws {@link JobStoreError} (rejects). At the call TypeError for what is no name
   */
  override pause(name: string): Promise<void>;
  // By the number of arguments: an unset variable must not stop this process.
  override pause(...names: string[]): void | Promise<void> {
    if (names.length === 0) return super.pause();
    const name = checkJobName('name', names[0]);
    return this.ask(async () => this.#backend.control.pause(name));
  }

  /** Without a name, as a scheduler's: ends a `pause()` of this process. */
  override resume(): void;
  /**
   * Ends a `pause(name)`, whichever process called it. Where there was none it does nothing.
   *
   * @throws {@link JobStoreError} (rejects). At the call TypeError for what is no name
   */
  override resume(name: string): Promise<void>;
  override resume(...names: string[]): void | Promise<void> {
    if (names.length === 0) return super.resume();
    const name = checkJobName('name', names[0]);
    return this.ask(async () => this.#backend.control.resume(name));
  }
  /* oxlint-enable typescript/no-misused-promises */

  /** What waits for jobs here: they are told of ends in this process at once. */
  protected get waits(): JobWaits {
    return this.#waits;
  }

  /** From now on the store is asked nothing: it is being closed. */
  protected endOperations(): void {
    this.#ended = true;
    this.#waits.close();
  }

  /** The answer of the store, or why there is none: if the caller has dropped the promise, for the exception handler. */
  protected ask<T>(question: () => Promise<T>): Promise<T> {
    const answer = this.#ended ? Promise.reject(new SchedulerClosedError()) : question();
    const named = answer.catch((error: unknown) => {
      if (error instanceof RangeError) throw error;
      throw storeFailure(this.#backend, 'does not answer', error);
    });
    return observed(named, (exception) => {
      this.callExceptionHandler({ message: 'Asking the job store failed', exception });
    });
  }

  #memory(feature: string): MemoryBackend {
    const backend = this.#backend as Partial<MemoryBackend> & JobBackend;
    if (backend.runPending !== undefined) return backend as MemoryBackend;
    throw new UnsupportedError(nameOf(backend), feature);
  }
}
