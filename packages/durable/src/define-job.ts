import type { JobContext, Scheduler, SpawnTarget } from '@outlive/core';
import { callSiteUnderDebug, checkFunction, noteCallSite } from '@outlive/core/internal';
import type { DurableJobs } from './durable-jobs.ts';
import { jobContext, type JobHandler } from './job-context.ts';
import type { DefinedJob, JobDefinition } from './job-definition.ts';
import {
  type JobDefinitionOptions,
  type ResolvedDefinitionOptions,
  resolveDefinitionOptions,
} from './job-definition-options.ts';
import { checkJobName } from './job-name.ts';
import type { JobPayload } from './payload/payload-type.ts';
import { toJson } from './payload/to-json.ts';
import { warnAboutLocalJob } from './local-jobs.ts';
import { newJobId } from './new-job-id.ts';
import { validatePayload } from './payload/validate-payload.ts';
import { ProgressReports } from './worker/progress-reports.ts';

/**
 * Defines a job that outlives the process: `spawn(request, job, payload)` stores it where the request's
 * scheduler was opened with a store, and any process that opened the same store runs it.
 *
 * **A job runs at least once.** A process that is killed, or cut off from the store, between its work and
 * the record of it makes the job run again. So a handler must do no harm when it runs twice: pass the `id`,
 * the same in every run, on to every service that it calls as the idempotency key, or store it together
 * with the result.
 *
 * A handler that throws is retried `retries` times. One that rejects after its `signal` has aborted in a
 * shutdown is handed back instead: another process has it at once, and no attempt is spent.
 *
 * A payload is JSON: a Date arrives as a string, and what JSON would change without a word, such as a Map or NaN, is
 * refused with the path of it. The types say so where they can.
 *
 * With a plain `Scheduler` (no store) the job runs in this process, once, and is gone if that ends;
 * the same payloads are accepted.
 *
 * @param name - 1 to 64 of `A-Z a-z 0-9 _ . -`, unique in the store. To change it, give the old one as one of `aliases`
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
): DefinedJob<JobPayload<I>> {
  checkJobName('name', name);
  checkFunction('handler', handler);
  return new Definition<JobPayload<I>>(
    name,
    handler as JobHandler<unknown>,
    resolveDefinitionOptions(name, options as unknown as JobDefinitionOptions<never>),
  );
}

/** By its shape: one of another copy of this package refuses the job, while this process alone would lose it. */
function isDurable(scheduler: Scheduler): scheduler is DurableJobs {
  return typeof (scheduler as { enqueue?: unknown }).enqueue === 'function';
}

/** Whether {@link defineJob} made it. */
export function isJobDefinition(value: unknown): value is JobDefinition {
  return value instanceof Definition;
}

class Definition<I> implements DefinedJob<I>, JobDefinition {
  readonly name: string;
  readonly handler: JobHandler<unknown>;
  readonly options: ResolvedDefinitionOptions;
  readonly sourceStack = callSiteUnderDebug();

  constructor(name: string, handler: JobHandler<unknown>, options: ResolvedDefinitionOptions) {
    this.name = name;
    this.handler = handler;
    this.options = options;
  }

  async spawnOn(target: SpawnTarget, payload: I): Promise<string> {
    const { scheduler } = target;
    const site = callSiteUnderDebug();
    if (isDurable(scheduler)) {
      // A shield of the request: the close of its server waits until the job is stored.
      return target.shield(scheduler.enqueue(this, payload)) as Promise<string>;
    }
    warnAboutLocalJob(this.name, scheduler);
    const { name, handler } = this;
    const { schema, timeout } = this.options;
    const value = await validatePayload(name, schema, toJson(name, payload));
    const id = newJobId();
    const run = (job: JobContext): unknown => {
      noteCallSite(job, site);
      const progress = new ProgressReports(name, async () => undefined);
      return handler(value, jobContext(job, { id, attempt: 1, progress }));
    };
    await target.spawn(run, { name, timeout });
    return id;
  }
}
