import {
  type DrainOptions,
  type DrainReport,
  Scheduler,
  SchedulerClosedError,
  type SchedulerOptions,
} from '@outlive/core';
import { expected } from '@outlive/core/internal';
import type { Depth, JobBackend, Transaction } from './backend.ts';
import type { DefinedJob } from './define-job.ts';
import { type EnqueueOptions, resolveEnqueueOptions } from './enqueue-options.ts';
import { JobNotStoredError } from './errors.ts';
import { carry, conform } from './payload/to-json.ts';
import { Pump } from './worker/pump.ts';
import { within } from './util/waiting.ts';

/** What a store that does not answer any more gets to close. */
const closeLimit = 5_000;

const noTransactions = 'This store has no transactions (`tx`): PGlite and PostgreSQL have';

/**
 * A scheduler with a store behind it: made by {@link openJobs}, and given to a jobs middleware like any
 * other. Functions spawned on it run in this process only; defined jobs go through the store, and are
 * claimed from it whenever this scheduler has a free slot.
 *
 * `drain()`, or the close of a server that it is tied to, stops the claiming, for as long as it takes.
 * `waitAndClose()` and `close()` also hand back what has not finished, and close the store.
 */
export class DurableJobs extends Scheduler {
  readonly #backend: JobBackend;
  readonly #jobs: ReadonlyMap<string, DefinedJob<never>>;
  readonly #pump: Pump | undefined;
  #ending: Promise<DrainReport> | undefined;
  #ended = false;

  /** @internal Made by `openJobs()`, with a backend that is open. */
  constructor(
    options: SchedulerOptions,
    backend: JobBackend,
    jobs: ReadonlyMap<string, DefinedJob<never>>,
    work: boolean,
  ) {
    super(options);
    this.#backend = backend;
    this.#jobs = jobs;
    this.#pump = work ? new Pump(this, backend, jobs) : undefined;
  }

  /** The engine itself, for what it can do besides: of the type that its backend says. */
  get native(): unknown {
    return this.#backend.native;
  }

  /**
   * Stores a job. Durable once it has resolved; with `tx`, once that transaction has committed, and gone
   * without a trace if it is rolled back. Also while this process drains, which waits for it.
   *
   * @returns the job's id, or `null` if one with the same `key` waits or runs already. Rejects with
   *   {@link JobPayloadError}, {@link JobNotStoredError}, or `SchedulerClosedError` after the close
   * @throws TypeError or RangeError, at the call, for a job that was not opened, a bad option, or a `tx`
   *   where the store has no transactions
   * @example
   * ```ts
   * import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
   *
   * const greet = defineJob('greet', ({ name }: { name: string }) => console.log(`Hello ${name}`));
   * await using jobs = await openJobs({ jobs: [greet], backend: memoryBackend() });
   * await jobs.enqueue(greet, { name: 'Ada' }, { key: 'ada', delay: 10 });
   * console.log(await jobs.enqueue(greet, { name: 'Ada' }, { key: 'ada' })); // null
   * ```
   */
  enqueue<I>(job: DefinedJob<I>, payload: I, options?: EnqueueOptions): Promise<string | null> {
    if (this.#jobs.get(job.name) !== (job as DefinedJob<never>)) {
      throw new TypeError(expected('job', 'one of the jobs that openJobs() was given', job));
    }
    const resolved = resolveEnqueueOptions(options);
    if (resolved.tx !== undefined && this.#backend.transaction === undefined) {
      throw new TypeError(noTransactions);
    }
    return this.shield(this.#store(job, payload, resolved));
  }

  /**
   * Runs `work` in a transaction of the store: for an outbox in the store's own database. Committed when
   * `work` resolves, rolled back when it rejects. Inside it, enqueue with its `tx`: without it, an embedded
   * store would wait for itself.
   *
   * @throws TypeError where the store has no transactions
   * @example
   * ```ts
   * import { type DurableJobs, defineJob } from '@outlive/durable';
   *
   * const sendReceipt = defineJob('send-receipt', async (order: { id: number }) => {});
   *
   * async function placeOrder(jobs: DurableJobs, item: string): Promise<void> {
   *   await jobs.transaction(async (tx) => {
   *     const { rows } = await tx.query('insert into orders (item) values ($1) returning id', [item]);
   *     await jobs.enqueue(sendReceipt, { id: Number(rows[0]?.['id']) }, { tx });
   *   });
   * }
   * ```
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.#backend.transaction === undefined) {
      throw new TypeError(noTransactions);
    }
    return this.#backend.transaction(work);
  }

  /** How many jobs of each name wait, run, and have failed for good, in the whole store, counted now. */
  depth(): Promise<Record<string, Depth>> {
    return this.#backend.depth();
  }

  /**
   * As a scheduler's: finishes within the grace, then cancels. Claiming stops at once. What does not finish
   * is handed back, without an attempt spent, also where its handler does not heed the signal.
   */
  override waitAndClose(options?: DrainOptions): Promise<DrainReport> {
    return this.#end(super.waitAndClose(options));
  }

  /** Cancels and hands back everything now, then closes the store. Every call shares one outcome. */
  override close(): Promise<DrainReport> {
    return this.#end(super.close());
  }

  async #store(
    job: DefinedJob<never>,
    payload: unknown,
    { tx, ...options }: EnqueueOptions,
  ): Promise<string | null> {
    const carried = carry(job.name, payload);
    await conform(job.name, job.options.schema, carried);
    if (this.#ended) throw new SchedulerClosedError();
    try {
      return await this.#backend.enqueue({ ...options, name: job.name, payload: carried }, { tx });
    } catch (error) {
      throw new JobNotStoredError(`The job ${job.name} could not be stored`, { cause: error });
    }
  }

  #end(closing: Promise<DrainReport>): Promise<DrainReport> {
    this.#ending ??= this.#endAfter(closing);
    return this.#ending;
  }

  async #endAfter(closing: Promise<DrainReport>): Promise<DrainReport> {
    const report = await closing;
    await this.#pump?.end();
    this.#ended = true;
    const closed = this.#backend.close().catch((exception: unknown) => {
      this.callExceptionHandler({ message: 'Closing the job store failed', exception });
    });
    await within(closeLimit, closed);
    return report;
  }
}
