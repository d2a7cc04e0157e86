import { type Scheduler, SchedulerClosedError } from '@outlive/core';
import { expected, observed } from '@outlive/core/internal';
import type { JobBackend, Transaction } from './backend.ts';
import { type Storing, storePublicly } from './durable-events.ts';
import { newJobs, type ResolvedEntry } from './enqueue-many.ts';
import type { ResolvedEnqueueOptions } from './enqueue-options.ts';
import { JobNotStoredError, UnsupportedError } from './errors.ts';
import type { Headers } from './headers.ts';
import type { JobDefinition } from './job-definition.ts';
import { toJson } from './payload/to-json.ts';
import { validatePayload } from './payload/validate-payload.ts';
import { nameOf, reasonOf, withoutArguments } from './store-failure.ts';
import type { CheckedTransaction } from './transactions/check-transaction.ts';
import { whileOpen } from './transactions/while-open.ts';

interface StoringIn extends Omit<Storing, 'inTransaction'> {
  readonly tx: CheckedTransaction | undefined;
}

/** Checks payloads, and hands jobs to the store. */
export class Storage {
  readonly #scheduler: Scheduler;
  readonly #backend: JobBackend;
  #ended = false;

  constructor(scheduler: Scheduler, backend: JobBackend) {
    this.#scheduler = scheduler;
    this.#backend = backend;
  }

  /** From now on nothing is stored: the store is being closed. */
  end(): void {
    this.#ended = true;
  }

  async store(
    { name, options: { schema } }: JobDefinition,
    payload: unknown,
    { tx, ...options }: ResolvedEnqueueOptions,
  ): Promise<string | null> {
    const stored = toJson(name, payload);
    if (schema !== undefined) await validatePayload(name, schema, stored);
    if (this.#ended) throw new SchedulerClosedError();
    const [id] = await this.#store(`The job ${name}`, { name, count: 1, tx }, async (headers) => {
      return [await this.#backend.enqueue({ ...options, name, payload: stored, headers }, { tx })];
    });
    return id ?? null;
  }

  async storeMany(
    definition: JobDefinition,
    entries: readonly ResolvedEntry[],
    tx: CheckedTransaction | undefined,
  ): Promise<(string | null)[]> {
    const { name } = definition;
    const jobs = await newJobs(definition, entries);
    if (this.#ended) throw new SchedulerClosedError();
    if (jobs.length === 0) return [];
    return this.#store(
      `${jobs.length} jobs ${name}`,
      { name, count: jobs.length, tx },
      async (headers) => {
        const withHeaders = headers === undefined ? jobs : jobs.map((job) => ({ ...job, headers }));
        return (await this.#backend.enqueueMany?.(withHeaders, { tx })) ?? [];
      },
    );
  }

  /**
   * Runs `work` in a transaction of the store. What fails is reported, if nobody asks for it.
   *
   * @throws UnsupportedError at the call, where the store has no transactions; TypeError for no function
   */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const backend = this.#backend;
    if (backend.transaction === undefined) throw new UnsupportedError(nameOf(backend), 'tx');
    if (typeof work !== 'function') throw new TypeError(expected('work', 'a function', work));
    const running = this.#ended
      ? Promise.reject<T>(new SchedulerClosedError())
      : backend.transaction(async (tx) => whileOpen(tx, work));
    return observed(running, (exception) => {
      const message = 'A transaction of the job store failed';
      this.#scheduler.callExceptionHandler({ message, exception });
    });
  }

  /** @throws JobNotStoredError (rejects) that says why the store has not taken them */
  async #store(
    what: string,
    { name, count, tx }: StoringIn,
    store: (headers: Headers | undefined) => Promise<(string | null)[]>,
  ): Promise<(string | null)[]> {
    const storing = { name, count, inTransaction: tx !== undefined };
    return storePublicly(this.#scheduler, storing, async (headers) => {
      const call = async (): Promise<(string | null)[]> => store(headers);
      try {
        return await (tx === undefined ? call() : tx.inTurn(call));
      } catch (error) {
        const message = `${what} could not be stored in ${nameOf(this.#backend)}: ${reasonOf(error)}`;
        throw new JobNotStoredError(message, { cause: withoutArguments(error) });
      }
    });
  }
}
