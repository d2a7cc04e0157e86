import { type Scheduler, SchedulerClosedError } from '@outlive/core';
import type { JobBackend, Transaction } from './backend.ts';
import { type Storing, storePublicly } from './durable-events.ts';
import { newJobs, type ResolvedEntry } from './enqueue-many.ts';
import type { ResolvedEnqueueOptions } from './enqueue-options.ts';
import { JobNotStoredError } from './errors.ts';
import type { Headers } from './headers.ts';
import type { JobDefinition } from './job-definition.ts';
import { toJson } from './payload/to-json.ts';
import { validatePayload } from './payload/validate-payload.ts';
import { nameOf, reasonOf, withoutArguments } from './store-failure.ts';

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
    await validatePayload(name, schema, stored);
    if (this.#ended) throw new SchedulerClosedError();
    const storing = { name, count: 1, inTransaction: tx !== undefined };
    const [id] = await this.#store(`The job ${name}`, storing, async (headers) => {
      return [await this.#backend.enqueue({ ...options, name, payload: stored, headers }, { tx })];
    });
    return id ?? null;
  }

  async storeMany(
    definition: JobDefinition,
    entries: readonly ResolvedEntry[],
    tx: Transaction | undefined,
  ): Promise<(string | null)[]> {
    const { name } = definition;
    const jobs = await newJobs(definition, entries);
    if (this.#ended) throw new SchedulerClosedError();
    if (jobs.length === 0) return [];
    const storing = { name, count: jobs.length, inTransaction: tx !== undefined };
    return this.#store(`${jobs.length} jobs ${name}`, storing, async (headers) => {
      const withHeaders = headers === undefined ? jobs : jobs.map((job) => ({ ...job, headers }));
      return (await this.#backend.enqueueMany?.(withHeaders, { tx })) ?? [];
    });
  }

  /** @throws JobNotStoredError (rejects) that says why the store has not taken them */
  async #store(
    what: string,
    storing: Storing,
    store: (headers: Headers | undefined) => Promise<(string | null)[]>,
  ): Promise<(string | null)[]> {
    return storePublicly(this.#scheduler, storing, async (headers) => {
      try {
        return await store(headers);
      } catch (error) {
        const message = `${what} could not be stored in ${nameOf(this.#backend)}: ${reasonOf(error)}`;
        throw new JobNotStoredError(message, { cause: withoutArguments(error) });
      }
    });
  }
}
