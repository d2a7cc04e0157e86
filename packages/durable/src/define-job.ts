import { randomUUID } from 'node:crypto';
import type { Scheduler } from '@outlive/core';
import {
  checkFunction,
  expected,
  type Group,
  resolveJobOptions,
  shieldIn,
  type Spawnable,
  spawnIn,
} from '@outlive/core/internal';
import { DurableJobs } from './durable-jobs.ts';
import {
  type JobDefinitionOptions,
  type ResolvedDefinitionOptions,
  resolveDefinitionOptions,
} from './job-definition-options.ts';
import { jobContext, type JobHandler } from './job-context.ts';
import { carry, conform } from './payload/to-json.ts';

/** A kind of job: a name, what to do, and how often to try. Made by {@link defineJob}; `I` is its payload. */
export class DefinedJob<I = unknown> implements Spawnable<[payload: I], Promise<string>> {
  readonly name: string;
  readonly options: ResolvedDefinitionOptions;
  readonly handler: JobHandler<unknown>;
  /** Only in the types: what a payload has to be. */
  declare readonly accepts?: ((payload: I) => void) | undefined;

  /** @internal Made by `defineJob()`. */
  constructor(name: string, handler: JobHandler<unknown>, options: ResolvedDefinitionOptions) {
    this.name = name;
    this.handler = handler;
    this.options = options;
  }

  /** What a request's `spawn(request, job, payload)` does. */
  async spawnOn(scheduler: Scheduler, group: Group | undefined, payload: I): Promise<string> {
    if (scheduler instanceof DurableJobs) {
      // As a shield, it is waited for by the server's close although the client may have left.
      const stored = scheduler.enqueue(this, payload);
      return shieldIn(scheduler, group, stored) as Promise<string>;
    }
    const carried = carry(this.name, payload);
    const value = await conform(this.name, this.options.schema, carried);
    const id = randomUUID();
    const { timeout } = this.options;
    await spawnIn(
      scheduler,
      group,
      (job) => this.handler(value, jobContext(job, id, 1)),
      resolveJobOptions({ name: this.name, timeout }),
    );
    return id;
  }
}

const nameFormat = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * Defines a job that outlives the process: `spawn(request, job, payload)` stores it where the request's
 * scheduler was opened with a backend, and any process that opened the same store runs it.
 *
 * **A job runs at least once.** A process that is killed, or cut off from the store, between its work and
 * the record of it makes the job run again. So a handler must do no harm when it runs twice: give the `id`,
 * the same in every run, to whatever it calls as the idempotency key, or store it together
 * with the result.
 *
 * A handler that throws is retried `retries` times. One that rejects after its `signal` has aborted in a
 * shutdown is handed back instead: another process has it at once, and no attempt is spent.
 *
 * With a plain `Scheduler` (no backend) the job runs in this process, once, and is gone if that ends;
 * the payloads accepted are the same.
 *
 * @param name - 1 to 64 of `A-Z a-z 0-9 _ . -`, unique in the store; changing it orphans stored jobs
 * @throws TypeError or RangeError for a bad name or option
 * @example
 * ```ts
 * import { defineJob } from '@outlive/durable';
 *
 * const sendReceipt = defineJob(
 *   'send-receipt',
 *   async (payload: { orderId: string }, { id, signal }) => {
 *     await fetch('https://mail.example/send', {
 *       method: 'POST',
 *       headers: { 'Idempotency-Key': id },
 *       body: JSON.stringify(payload),
 *       signal,
 *     });
 *   },
 *   { retries: 5, backoff: 1_000, leaseTime: 30_000 },
 * );
 * console.log(sendReceipt.name); // send-receipt
 * ```
 */
export function defineJob<P, I = P>(
  name: string,
  handler: JobHandler<P>,
  options?: JobDefinitionOptions<I, P>,
): DefinedJob<I> {
  if (typeof name !== 'string' || !nameFormat.test(name)) {
    throw new TypeError(expected('name', '1 to 64 of A-Z a-z 0-9 _ . -', name));
  }
  checkFunction('handler', handler);
  return new DefinedJob<I>(
    name,
    handler as JobHandler<unknown>,
    resolveDefinitionOptions(options as JobDefinitionOptions<never>),
  );
}
