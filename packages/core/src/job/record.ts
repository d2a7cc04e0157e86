import type { AsyncResource } from 'node:async_hooks';
import type { Job, JobFunction, JobOutcome, JobState } from '../job.ts';
import type { ResolvedJobOptions } from '../options.ts';
import { checkSignal, checkTime } from '../util/check.ts';
import { checkOptions } from '../util/check-options.ts';
import { newController } from '../util/new-controller.ts';
import { handled } from '../util/observed-promise.ts';
import { Cancellation } from './cancellation.ts';
import { JobExtras } from './extras.ts';
import { limitedWait, type Waitable } from './limited-wait.ts';
import { makeSettlement, type Settlement } from './settlement.ts';
import { showJobs } from './shown-job.ts';

const waitOptionNames = { timeout: true, signal: true } as const;
const closeOptionNames = { timeout: true, reason: true } as const;

/** What a job needs of the pool that it is in. */
export interface JobHost {
  /** Epoch ms that the times of its jobs count from. */
  readonly epoch: number;
  /** What a cancelled job gets to settle, in ms. */
  readonly closeTimeout: number;
  readonly drainSignal: AbortSignal;
  /** Cancels the job unless it is too late. */
  cancel(job: JobRecord, cancellation: Cancellation): void;
  /** The running job has been cancelled. */
  cancelled(job: JobRecord): void;
  /** The job fails with this; whether anybody waits for it is to be seen. */
  failed(job: JobRecord, error: unknown): void;
  /** The job has ended; its function was called if it `started`. */
  ended(job: JobRecord, started: boolean): void;
}

/** Whose job it is: one of the parts that a pool counts its work by. */
export interface JobOwner {
  readonly host: JobHost;
  jobs: number;
}

/** No time that a clock set back could give, in ms. */
export const notStarted: number = -(2 ** 30);

/**
 * The one object that a job is: what its caller holds, what its function is given, and what the lists of the pool
 * are threaded through. Its transitions are in `settle.ts`.
 *
 * Plain fields, all set here and in this order: one shape for every job keeps jobs cheap. No `#private` method,
 * each of which would mark every job with one field more.
 */
export class JobRecord<T = unknown> implements Job<T>, Waitable {
  readonly owner: JobOwner;
  /** The id; 0 until the job is accepted. */
  ordinal = 0;
  /** The state, and once the job is closed its outcome. */
  phase: 'pending' | 'active' | 'closing' | JobOutcome = 'pending';
  /** The function until it is called, then what came of it: of a cancelled job its {@link Cancellation}. */
  work: unknown;
  /** What `wait()` hands out while the job is not closed. */
  settlement: Promise<unknown> | Settlement | undefined = undefined;
  waiters = 0;
  options: ResolvedJobOptions;
  /** Of the `spawn()` call, while the job waits for its turn. */
  context: AsyncResource | undefined;
  /** ms since the pool's epoch: a small integer takes no room of its own. */
  spawnTime = 0;
  startTime: number = notStarted;
  /** Of the list that the job is in. */
  previous: JobRecord | undefined = undefined;
  next: JobRecord | undefined = undefined;
  extras: JobExtras<JobRecord> | undefined = undefined;

  static {
    showJobs(JobRecord.prototype);
  }

  constructor(
    owner: JobOwner,
    work: JobFunction<T> | object,
    options: ResolvedJobOptions,
    context: AsyncResource | undefined,
  ) {
    this.owner = owner;
    this.work = work;
    this.options = options;
    this.context = context;
  }

  get id(): number {
    return this.ordinal;
  }

  get name(): string | undefined {
    return this.options.name;
  }

  set name(name: string | undefined) {
    this.options = { ...this.options, name };
  }

  get attempt(): number {
    return this.extras?.attempt ?? 1;
  }

  get state(): JobState {
    const { phase } = this;
    return isOutcome(phase) ? 'closed' : phase;
  }

  get outcome(): JobOutcome | undefined {
    return isOutcome(this.phase) ? this.phase : undefined;
  }

  get pending(): boolean {
    return this.phase === 'pending';
  }

  get active(): boolean {
    return this.phase === 'active' || this.phase === 'closing';
  }

  get closed(): boolean {
    return isOutcome(this.phase);
  }

  get spawnedAt(): number {
    return this.owner.host.epoch + this.spawnTime;
  }

  get startedAt(): number | undefined {
    return this.started ? this.owner.host.epoch + this.startTime : undefined;
  }

  get signal(): AbortSignal {
    const extras = this.extend();
    if (extras.controller === undefined) {
      extras.controller = newController();
      const { cancellation } = this;
      if (cancellation !== undefined) extras.controller.abort(cancellation.reason);
    }
    return extras.controller.signal;
  }

  get drainSignal(): AbortSignal {
    return this.owner.host.drainSignal;
  }

  wait(options?: { timeout?: number | undefined; signal?: AbortSignal | undefined }): Promise<T> {
    if (options !== undefined) {
      const { timeout = Infinity, signal } = checkOptions('options', options, waitOptionNames);
      checkTime('timeout', timeout);
      if (signal !== undefined) checkSignal('signal', signal);
      if (timeout !== Infinity || signal !== undefined)
        return limitedWait(this, timeout, signal) as Promise<T>;
    }
    this.waiters += 1;
    return this.settled() as Promise<T>;
  }

  close(options?: { timeout?: number | undefined; reason?: unknown }): Promise<void> {
    const { host } = this.owner;
    const { timeout = host.closeTimeout, reason } = checkOptions(
      'options',
      options,
      closeOptionNames,
    );
    checkTime('timeout', timeout);
    if (this.closed) return Promise.resolve();
    host.cancel(this, new Cancellation(reason));
    // A pending job has ended by that, or an abort listener of the job's has ended it.
    if (this.closed) return Promise.resolve();
    const settled = limitedWait(this, timeout, undefined, 'closed');
    return handled(
      settled.then(
        () => undefined,
        (error: unknown) => {
          if (this.phase !== 'cancelled') throw error;
        },
      ),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get started(): boolean {
    return this.startTime !== notStarted;
  }

  /** What becomes of the job, for a caller that need not count as a waiter. */
  settled(): Promise<unknown> {
    const outcome = this.functionOutcome;
    if (outcome === 'completed') return Promise.resolve(this.work);
    if (outcome !== undefined) return handled(Promise.reject(this.error as Error));
    this.settlement ??= makeSettlement();
    // By a look at the shape, not by `instanceof`, which walks the prototypes of a promise.
    return 'promise' in this.settlement ? this.settlement.promise : this.settlement;
  }

  whenClosed(callback: () => void): void {
    if (this.closed) callback();
    else (this.extend().onEnd ??= []).push(callback);
  }

  /** How the function ended; other work may still hold the job open. */
  get functionOutcome(): JobOutcome | undefined {
    return this.extras?.functionOutcome ?? this.outcome;
  }

  /** What the job failed with, or was cancelled with. */
  get error(): unknown {
    return this.functionOutcome === 'cancelled' ? (this.work as Cancellation).error : this.work;
  }

  get cancellation(): Cancellation | undefined {
    return this.phase === 'cancelled' ? (this.work as Cancellation) : this.extras?.cancellation;
  }

  /** The part that few jobs need, made at the first call. */
  extend(): JobExtras<JobRecord> {
    this.extras ??= new JobExtras();
    return this.extras;
  }
}

function isOutcome(phase: JobRecord['phase']): phase is JobOutcome {
  return phase !== 'active' && phase !== 'pending' && phase !== 'closing';
}
