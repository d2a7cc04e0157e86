import type { JobOutcome } from '../job.ts';
import type { Cancellation } from '../job/cancellation.ts';
import type { JobRecord } from '../job/record.ts';
import { start } from '../job/start.ts';
import type { ResolvedJobOptions } from '../options.ts';
import type { Clock } from '../pool/clock.ts';
import type { JobContexts } from '../pool/job-contexts.ts';
import { jobCancel, jobRefuse, jobRetry, jobSettle, jobSpawn, jobStart } from './channels.ts';
import { JobCounts } from './job-counts.ts';
import { factsOf, factsOfWork } from './origins.ts';
import type {
  JobCancelEventOf,
  JobEventOf,
  JobRefuseEventOf,
  JobRetryEventOf,
  JobSettleEventOf,
  JobStartEventOf,
} from './payloads.ts';
import { publish, runStores } from './publish.ts';

/** Counts and publishes what becomes of the jobs of one pool: what becomes of most of them, only where somebody listens. */
export class JobEvents {
  readonly counts: JobCounts = new JobCounts();
  readonly #scheduler: object;
  readonly #clock: Clock;

  constructor(scheduler: object, clock: Clock) {
    this.#scheduler = scheduler;
    this.#clock = clock;
  }

  /** The job is accepted, and in a list: in the context of its `spawn()` call. */
  spawned(job: JobRecord): void {
    job.extend().isNew = false;
    const event: JobEventOf<object> = this.#event(job);
    if (job.context === undefined) publish(jobSpawn, event);
    else job.context.runInAsyncScope(publish, undefined, jobSpawn, event);
  }

  /** Starts the job in its context, inside the stores that are bound to the channel. */
  starts(job: JobRecord, contexts: JobContexts): void {
    const event: JobStartEventOf<object> = {
      ...this.#event(job),
      attempt: job.attempt,
      wait: waitOf(job, job.startTime),
    };
    contexts.within(job, () => {
      runStores(jobStart, event, () => {
        start(job);
      });
    });
  }

  /** The job is over, and in no list any more. */
  settled(job: JobRecord): void {
    // A job without an id never was one.
    if (job.ordinal === 0) return;
    const now = this.#clock.exact;
    const { started, startTime } = job;
    const event: JobSettleEventOf<object> = {
      ...this.#event(job),
      outcome: job.outcome as JobOutcome,
      error: errorOf(job),
      attempt: job.attempt,
      wait: waitOf(job, started ? startTime : now),
      run: started ? Math.max(0, now - startTime) : undefined,
    };
    publish(jobSettle, event);
  }

  /** The running job has been cancelled. */
  cancelled(job: JobRecord): void {
    this.counts.closing += 1;
    if (jobCancel.hasSubscribers) this.#cancelled(job, true);
  }

  /** The job may have ended otherwise than most. */
  ended(job: JobRecord, started: boolean): void {
    if (job.ordinal === 0) return;
    this.counts.ended(job);
    if (!started && jobCancel.hasSubscribers) this.#cancelled(job, false);
  }

  #cancelled(job: JobRecord, running: boolean): void {
    const { cancellation } = job;
    const event: JobCancelEventOf<object> = {
      ...this.#event(job),
      reason: cancellation?.reason,
      running,
    };
    publish(jobCancel, event);
  }

  /** An attempt has failed with this, and the next one comes after so many ms. */
  retries(job: JobRecord, error: unknown, delay: number): void {
    if (!jobRetry.hasSubscribers) return;
    const event: JobRetryEventOf<object> = {
      ...this.#event(job),
      error,
      attempt: job.attempt,
      run: Math.max(0, this.#clock.exact - job.startTime),
      delay,
    };
    publish(jobRetry, event);
  }

  /** A call makes no job; gives the reason. */
  refused(error: unknown, { name }: ResolvedJobOptions, work: unknown): unknown {
    this.counts.refused += 1;
    if (jobRefuse.hasSubscribers) this.#refused(error, name, work);
    return error;
  }

  #refused(error: unknown, name: string | undefined, work: unknown): void {
    const { kind, request } = factsOfWork(work);
    const event: JobRefuseEventOf<object> = {
      scheduler: this.#scheduler,
      name,
      kind,
      request,
      error,
    };
    publish(jobRefuse, event);
  }

  #event(job: JobRecord): JobEventOf<object> {
    return { job, scheduler: this.#scheduler, ...factsOf(job) };
  }
}

function errorOf({ phase, work }: JobRecord): unknown {
  if (phase === 'completed') return undefined;
  return phase === 'cancelled' ? (work as Cancellation).reason : work;
}

/** ms that it has waited until then, by a clock that may have been set back. */
function waitOf({ spawnTime, extras }: JobRecord, until: number): number {
  return Math.max(0, until - (extras?.waitsSince ?? spawnTime));
}
