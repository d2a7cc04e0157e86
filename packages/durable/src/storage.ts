import { type Scheduler, SchedulerClosedError } from '@outlive/core';
import { announceStore } from './announce-store.ts';
import type { JobBackend } from './backend.ts';
import { publishEnqueue } from './durable-events.ts';
import { newJobs, type ResolvedEntry } from './enqueue-many.ts';
import type { ResolvedEnqueueOptions } from './enqueue-options.ts';
import { JobNotStoredError } from './errors.ts';
import type { JobDefinition } from './job-definition.ts';
import { toJson } from './payload/to-json.ts';
import { validatePayload } from './payload/validate-payload.ts';
import { nameOf, reasonOf, withoutArguments } from './store-failure.ts';
import type { CheckedTransaction } from './transactions/check-transaction.ts';

/** Checks payloads, and hands jobs to the store. */
export class Storage {
  readonly #scheduler: Scheduler;
  readonly #backend: JobBackend;
  #ended = false;

  constructor(scheduler: Scheduler, backend: JobBackend) {
    this.#scheduler = scheduler;
    this.#backend = backend;
  }

  get hasEnded(): boolean {
    return this.#ended;
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
    const watched = announceStore(this.#scheduler, name, 1);
    const job = { ...options, name, payload: stored, headers: watched?.headers };
    try {
      const call = async (): Promise<string | null> => this.#backend.enqueue(job, { tx });
      const id = await (tx === undefined ? call() : tx.inTurn(call));
      publishEnqueue(this.#scheduler, name, id, tx !== undefined);
      watched?.succeed([id]);
      return id;
    } catch (error) {
      const notStored = this.#notStored(`The job ${name}`, error);
      watched?.fail(notStored);
      throw notStored;
    }
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
    const watched = announceStore(this.#scheduler, name, jobs.length);
    const headers = watched?.headers;
    try {
      const withHeaders = headers === undefined ? jobs : jobs.map((job) => ({ ...job, headers }));
      const call = async (): Promise<(string | null)[]> =>
        (await this.#backend.enqueueMany?.(withHeaders, { tx })) ?? [];
      const ids = await (tx === undefined ? call() : tx.inTurn(call));
      for (const id of ids) publishEnqueue(this.#scheduler, name, id, tx !== undefined);
      watched?.succeed(ids);
      return ids;
    } catch (error) {
      const notStored = this.#notStored(`${jobs.length} jobs ${name}`, error);
      watched?.fail(notStored);
      throw notStored;
    }
  }

  #notStored(what: string, error: unknown): JobNotStoredError {
    const message = `${what} could not be stored in ${nameOf(this.#backend)}: ${reasonOf(error)}`;
    return new JobNotStoredError(message, { cause: withoutArguments(error) });
  }
}
