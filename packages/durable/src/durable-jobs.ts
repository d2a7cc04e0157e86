import {
  type DrainOptions,
  type DrainReport,
  type From,
  SchedulerClosedError,
  type SchedulerOptions,
} from '@outlive/core';
import { expected } from '@outlive/core/internal';
import type { Depth, JobBackend, Transaction } from './backend.ts';
import {
  type EnqueueOptions,
  type ResolvedEnqueueOptions,
  resolveEnqueueOptions,
} from './enqueue-options.ts';
import { JobNotStoredError } from './errors.ts';
import type { DefinedJob, JobDefinition } from './job-definition.ts';
import { JobOperations } from './job-operations.ts';
import { toJson } from './payload/to-json.ts';
import { validatePayload } from './payload/validate-payload.ts';
import { nameOf, reasonOf, storeFailure, withoutArguments } from './store-failure.ts';
import { whileOpen } from './transactions/while-open.ts';
import { within } from './util/waiting.ts';
import { Pump } from './worker/pump.ts';

/** Time in ms that a store gets to close. One that is down may not answer at all. */
const closeLimit = 5_000;

const noTransactions = 'This store has no transactions (`tx`): PGlite and PostgreSQL have';

/** A store that is open, and what this process does with it. */
export interface OpenStore {
  readonly backend: JobBackend;
  /** All jobs that this process stores or runs, by their names. */
  readonly definitions: ReadonlyMap<string, JobDefinition>;
  /** Whether this process runs jobs. */
  readonly work: boolean;
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
 */
export class DurableJobs extends JobOperations {
  readonly #backend: JobBackend;
  readonly #definitions: ReadonlyMap<string, JobDefinition>;
  readonly #pump: Pump | undefined;
  #ending: Promise<DrainReport> | undefined;
  #ended = false;

  static {
    createDurableJobs = (options, store) => new DurableJobs(options, store);
  }

  private constructor(options: SchedulerOptions, { backend, definitions, work }: OpenStore) {
    super(options, backend);
    this.#backend = backend;
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
   *   (rejects). At the call TypeError or RangeError, for a job that was not opened, a bad option, or a `tx`
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
    const definition = this.#definitions.get(job.name);
    if (definition !== (job as DefinedJob<never>)) {
      throw new TypeError(expected('job', 'one of the jobs that openJobs() was given', job));
    }
    const resolved = resolveEnqueueOptions(options);
    if (resolved.tx !== undefined && this.#backend.transaction === undefined) {
      throw new TypeError(noTransactions);
    }
    return this.shield(this.#store(definition, payload, resolved));
  }

  /**
   * Runs `work` in a transaction of the store: for an outbox in the store's own database. Committed when
   * `work` resolves, rolled back when it rejects; after that its `tx` takes nothing more. Inside, enqueue with its `tx`: a call without it would make
   * an embedded store wait for itself.
   *
   * @returns the result of `work`
   * @throws what `work` throws, or the engine's error (rejects). At the call TypeError where the store has no
   *   transactions
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
    if (this.#backend.transaction === undefined) throw new TypeError(noTransactions);
    return this.#backend.transaction(async (tx) => whileOpen(tx, work));
  }

  /**
   * How many jobs of each name wait, run, and have failed for good, in the whole store, counted now.
   *
   * @throws {@link JobStoreError} (rejects)
   */
  depth(): Promise<Record<string, Depth>> {
    return this.#backend.depth().catch((error: unknown) => {
      throw storeFailure(this.#backend, 'does not answer', error);
    });
  }

  /**
   * As a scheduler's: lets jobs finish within the grace, then cancels. Claiming stops at once. Jobs that do
   * not finish are handed back, without an attempt spent, also where the handler ignores its signal. Then
   * the store is closed.
   */
  override waitAndClose(options?: DrainOptions): Promise<DrainReport> {
    return this.#end(super.waitAndClose(options));
  }

  /** Cancels and hands back everything now, then closes the store. All calls share one outcome. */
  override close(options?: { from?: From }): Promise<DrainReport> {
    return this.#end(super.close(options));
  }

  async #store(
    { name, options: { schema } }: JobDefinition,
    payload: unknown,
    { tx, ...options }: ResolvedEnqueueOptions,
  ): Promise<string | null> {
    const stored = toJson(name, payload);
    await validatePayload(name, schema, stored);
    if (this.#ended) throw new SchedulerClosedError();
    try {
      return await this.#backend.enqueue({ ...options, name, payload: stored }, { tx });
    } catch (error) {
      const place = `The job ${name} could not be stored in ${nameOf(this.#backend)}`;
      const message = `${place}: ${reasonOf(error)}`;
      throw new JobNotStoredError(message, { cause: withoutArguments(error) });
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
    this.waits.close();
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
