import {
  type DrainOptions,
  type DrainReport,
  type From,
  type SchedulerOptions,
} from '@outlive/core';
import { expected } from '@outlive/core/internal';
import type { JobBackend, Transaction } from './backend.ts';
import type { Depth } from './depth.ts';
import {
  type EnqueueManyOptions,
  type JobEntry,
  resolveEnqueueManyOptions,
  resolveEntries,
} from './enqueue-many.ts';
import { type EnqueueOptions, resolveEnqueueOptions } from './enqueue-options.ts';
import { UnsupportedError } from './errors.ts';
import type { DefinedJob, JobDefinition } from './job-definition.ts';
import { JobOperations } from './job-operations.ts';
import { Storage } from './storage.ts';
import { nameOf, storeFailure } from './store-failure.ts';
import { checkSupport } from './support.ts';
import { within } from './util/waiting.ts';
import { wholeDepth } from './whole-depth.ts';
import type { Timetable } from './worker/timetable.ts';
import { Pump } from './worker/pump.ts';

/** Time in ms that a store gets to close. One that is down may not answer at all. */
const closeLimit = 5_000;

/** A store that is open, and what this process does with it. */
export interface OpenStore {
  readonly backend: JobBackend;
  /** All jobs that this process stores or runs, by their names. */
  readonly definitions: ReadonlyMap<string, JobDefinition>;
  /** Whether this process runs jobs. */
  readonly work: boolean;
  /** The schedules of the jobs that this process runs. */
  readonly timetable: Timetable | undefined;
}

/** The constructor, for {@link openJobs} alone. */
export let createDurableJobs: (options: SchedulerOptions, store: OpenStore) => DurableJobs;

/**
 * A scheduler with a store behind it: made by {@link openJobs}, and given to a jobs middleware like any
 * other. Functions spawned on it run in this process only; defined jobs go through the store, and are
 * claimed from it whenever this scheduler has a free slot.
 *
 * `drain()`, or the close of a server that it is attached to, stops the claiming until it is over.
 * `waitAndClose()` and `close()` also hand back what has not finished, and close the store.
 *
 * @example
 * ```ts
 * import { defineJob, type DurableJobs, memoryBackend, openJobs } from '@outlive/durable';
 *
 * const greet = defineJob('greet', async (name: string) => console.log(`Hello, ${name}`)); // Hello, Ada
 * const jobs: DurableJobs = await openJobs({ jobs: [greet], backend: memoryBackend() });
 * const id = await jobs.enqueue(greet, 'Ada');
 * await jobs.wait(String(id));
 * await jobs.waitAndClose();
 * ```
 */
export class DurableJobs extends JobOperations {
  readonly #backend: JobBackend;
  readonly #definitions: ReadonlyMap<string, JobDefinition>;
  readonly #pump: Pump | undefined;
  readonly #storage: Storage;
  readonly #timetable: Timetable | undefined;
  #ending: Promise<DrainReport> | undefined;

  static {
    createDurableJobs = (options, store) => new DurableJobs(options, store);
  }

  private constructor(
    options: SchedulerOptions,
    { backend, definitions, work, timetable }: OpenStore,
  ) {
    super(options, backend);
    this.#backend = backend;
    this.#timetable = timetable;
    this.#storage = new Storage(this, backend);
    this.#definitions = definitions;
    this.#pump = work
      ? new Pump(this, backend, definitions, (id) => this.waits.ended(id))
      : undefined;
  }

  /** The engine itself, for its other features: of the type that the backend documents. */
  get native(): unknown {
    return this.#backend.native;
  }

  /**
   * Stores a job. It is durable once this has resolved; with `tx`, once that transaction has committed, and
   * gone without a trace if it is rolled back. Possible while this process drains too, which waits for it.
   *
   * @returns the job's id, or `null` if a job with the same `key` waits or runs already
   * @throws {@link JobPayloadError}, {@link JobNotStoredError}, or after the close `SchedulerClosedError`
   *   (rejects). At the call TypeError or RangeError, for a job that was not opened or a bad option; {@link UnsupportedError}
   *   for what the store cannot do, such as a `tx`
   * @example
   * ```ts
   * import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
   *
   * const greet = defineJob('greet', ({ name }: { name: string }) => console.log(`Hello ${name}`));
   * await using jobs = await openJobs({ jobs: [greet], backend: memoryBackend() });
   * await jobs.enqueue(greet, { name: 'Ada' }, { key: 'ada', delay: 60_000 });
   * console.log(await jobs.enqueue(greet, { name: 'Ada' }, { key: 'ada' })); // null
   * ```
   */
  enqueue<I>(
    job: DefinedJob<I>,
    payload: NoInfer<I>,
    options?: EnqueueOptions,
  ): Promise<string | null> {
    const definition = this.#definitionOf(job);
    const resolved = resolveEnqueueOptions(options);
    checkSupport(this.#backend, definition, resolved);
    return this.shield(this.#storage.store(definition, payload, resolved));
  }

  /**
   * Stores many jobs at once, all or none: one bad payload, and nothing is stored. Much faster than one by one. Give
   * payloads or, for options of each, `{ payload, options }`: an object with exactly these two keys is such an entry, and
   * then all have to be. Payloads that look like this themselves have to be given in entries.
   *
   * Up to some 100,000; do not change the payloads before it has resolved. Redis takes them all in one piece, during which
   * it serves nobody else (10,000 take about a second).
   *
   * @returns the ids, in the order of the payloads, with `null` where the `key` is taken, by an earlier entry too
   * @throws {@link JobPayloadError} that names the index, {@link JobNotStoredError}, or after the close
   *   `SchedulerClosedError` (rejects). At the call TypeError or RangeError as `enqueue()`
   * @example
   * ```ts
   * import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
   *
   * const greet = defineJob('greet', ({ name }: { name: string }) => console.log(`Hello ${name}`));
   * await using jobs = await openJobs({ jobs: [greet], backend: memoryBackend(), work: false });
   * const ids = await jobs.enqueueMany(greet, [{ name: 'Ada' }, { name: 'Grace' }]);
   * console.log(ids.length); // 2
   * await jobs.enqueueMany(greet, [{ payload: { name: 'Edsger' }, options: { delay: 60_000 } }]);
   * ```
   */
  enqueueMany<I>(
    job: DefinedJob<I>,
    payloads: readonly NoInfer<I>[] | readonly JobEntry<NoInfer<I>>[],
    options?: EnqueueManyOptions,
  ): Promise<(string | null)[]> {
    const definition = this.#definitionOf(job);
    const entries = resolveEntries(payloads, (given) =>
      checkSupport(this.#backend, definition, given),
    );
    const { tx } = resolveEnqueueManyOptions(options);
    if (this.#backend.enqueueMany === undefined) {
      throw new UnsupportedError(nameOf(this.#backend), 'enqueueMany()');
    }
    checkSupport(this.#backend, definition, { tx });
    return this.shield(this.#storage.storeMany(definition, entries, tx));
  }

  /**
   * Runs `work` in a transaction of the store: for an outbox in its database. Committed when `work` resolves, rolled back when it
   * rejects; then its `tx` takes nothing more. Enqueue with it inside: an embedded store would wait for itself otherwise.
   *
   * @returns the result of `work`
   * @throws what `work` throws, the engine's error, {@link JobStoreError} where `work` caught that of a statement, or after the close
   *   `SchedulerClosedError` (rejects). At the call {@link UnsupportedError} where the store has no transactions, TypeError for no function
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
    return this.#storage.transact(work);
  }

  /**
   * How many jobs of each name wait, run, and have failed for good, in the whole store, counted now; and which names are
   * paused. All names of this process are there, and of others those that have such jobs, or are paused.
   *
   * @throws {@link JobStoreError} (rejects)
   */
  depth(): Promise<Record<string, Depth>> {
    return this.ask(async () => wholeDepth(this.#backend.lookup, this.#definitions.keys()));
  }

  /**
   * As a scheduler's: lets jobs finish within the grace, then cancels. Claiming stops at once. Jobs that do
   * not finish are handed back, without an attempt spent, also where the handler ignores its signal. Then
   * the store is closed.
   *
   * @throws TypeError or RangeError, at the call, for a bad option; never rejects because a job failed, or the store is away
   */
  override waitAndClose(options?: DrainOptions): Promise<DrainReport> {
    return this.#end(super.waitAndClose(options));
  }

  /**
   * Cancels and hands back everything now, then closes the store. All calls share one outcome.
   *
   * @throws TypeError, at the call, for a bad `from`; never rejects because a job failed, or the store is away
   */
  override close(options?: { from?: From }): Promise<DrainReport> {
    return this.#end(super.close(options));
  }

  #definitionOf(job: DefinedJob<never>): JobDefinition {
    const definition = this.#definitions.get(job.name);
    if (definition === job) return definition;
    throw new TypeError(expected('job', 'one of the jobs that openJobs() was given', job));
  }

  #end(closing: Promise<DrainReport>): Promise<DrainReport> {
    this.#ending ??= this.#endAfter(closing);
    return this.#ending;
  }

  async #endAfter(closing: Promise<DrainReport>): Promise<DrainReport> {
    const report = await closing;
    await Promise.all([this.#pump?.end(), within(closeLimit, this.#timetable?.end())]);
    this.#storage.end();
    this.endOperations();
    const closed = this.#backend.close().catch((exception: unknown) => {
      this.callExceptionHandler({
        message: 'Closing the job store failed',
        exception: storeFailure(this.#backend, 'cannot be closed', exception),
      });
    });
    await within(closeLimit, closed);
    return report;
  }
}
