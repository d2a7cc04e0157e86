import type { AsyncResource } from 'node:async_hooks';
import { Cancellation } from './cancellation.ts';
import { checkOptions, checkSignal, checkTime } from './check.ts';
import { JobTimeoutError, withoutStack } from './errors.ts';
import type { Group } from './group.ts';
import { resolveJobOptions, type ResolvedJobOptions, withoutReferences } from './job-options.ts';
import { type Deferred, handled, type ObservedPromise } from './observed-promise.ts';
import type { Scheduler } from './scheduler.ts';
import { makeSettlement, Settlement } from './settlement.ts';
import { limitedWait } from './limited-wait.ts';
import { Timer } from './timer.ts';
import { enterWork, innermostLive, innermostWork, type Work, worksAround } from './work-scope.ts';

// No time that a clock set back could give.
const notStarted = -(2 ** 30);

/** What a job runs. It is given the job, seen from inside. */
export type JobFunction<T> = (job: JobContext) => T | PromiseLike<T>;

/** What a job's function is given: the job itself, seen from inside. */
export interface JobContext {
  /** Unique in its scheduler, increasing. */
  readonly id: number;
  readonly name: string | undefined;
  /** Aborts on `close()`, on the job's timeout, and when its scheduler cancels. Made on first read. */
  readonly signal: AbortSignal;
  /** Aborts when a drain begins: a loop may stop early; nothing is cancelled yet. */
  readonly draining: AbortSignal;
}

export type JobState = 'pending' | 'active' | 'closing' | 'closed';
export type JobOutcome = 'completed' | 'failed' | 'cancelled';

/**
 * A function that a {@link Scheduler} runs. It begins `pending`, turns `active` when it gets a slot,
 * `closing` when it is cancelled while it runs, and `closed` when its function has settled. Not a
 * promise itself: ask `wait()` for the result.
 *
 * @example
 * ```ts
 * import { setTimeout } from 'node:timers/promises';
 * import { Scheduler } from '@outlive/core';
 *
 * const scheduler = new Scheduler();
 * const job = await scheduler.spawn(({ signal }) => setTimeout(60_000, 'late', { signal }), {
 *   name: 'sleep',
 * });
 * await job.close();
 * console.log(job.outcome); // cancelled
 * ```
 */
export class Job<T = unknown> implements JobContext, AsyncDisposable {
  // Plain fields, all set here and in this order: one shape for every job is what keeps jobs cheap. No `#method`
  // either: each would mark every job with a field more.
  /** @internal */ readonly _group: Group;
  /** @internal 0 until the job is admitted */ _id = 0;
  /** @internal */ _state: 'pending' | 'active' | 'closing' | JobOutcome = 'pending';
  /** @internal the function until it is called, then what came of it: a {@link Cancellation}, if cancelled */
  _work: unknown;
  /** @internal what `wait()` hands out while the job is not closed */
  _settlement: Promise<unknown> | Settlement | undefined = undefined;
  /** @internal calls that are entitled to the failure */ _waiters = 0;
  /** @internal */ _options: ResolvedJobOptions;
  /** @internal of the `spawn()` call, where somebody may still need it */
  _context: AsyncResource | undefined;
  /** @internal ms since the scheduler's first job: small integers take no room of their own */
  _spawnedAt = 0;
  /** @internal likewise */ _startedAt = notStarted;
  /** @internal */ _prev: Job | undefined = undefined;
  /** @internal */ _next: Job | undefined = undefined;
  /** @internal what few jobs need */ _extras: JobExtras | undefined = undefined;

  /** @internal Only a scheduler makes jobs. */
  constructor(
    group: Group,
    work: JobFunction<T>,
    options: ResolvedJobOptions,
    context: AsyncResource | undefined,
  ) {
    this._group = group;
    this._work = work;
    this._options = options;
    this._context = context;
  }

  /** @internal */
  get _scheduler(): Scheduler {
    return this._group.scheduler;
  }

  get id(): number {
    return this._id;
  }

  /** Shown in reports and printed with failures; may be set at any time. */
  get name(): string | undefined {
    return this._options.name;
  }

  set name(name: string | undefined) {
    this._options = { ...this._options, name };
  }

  /** Where the job is in its life; `closing` means cancelled while its function has not settled. */
  get state(): JobState {
    return isOutcome(this._state) ? 'closed' : this._state;
  }

  /** How it ended; `undefined` until it is closed. */
  get outcome(): JobOutcome | undefined {
    return isOutcome(this._state) ? this._state : undefined;
  }

  get pending(): boolean {
    return this._state === 'pending';
  }

  /** Its function runs: the state is `active` or `closing`. */
  get active(): boolean {
    return this._state === 'active' || this._state === 'closing';
  }

  get closed(): boolean {
    return isOutcome(this._state);
  }

  /** Epoch ms at which the job was accepted. */
  get spawnedAt(): number {
    return this._scheduler._origin + this._spawnedAt;
  }

  /** Epoch ms at which its function was called; `undefined` if it was not. */
  get startedAt(): number | undefined {
    return this._startedAt === notStarted ? undefined : this._scheduler._origin + this._startedAt;
  }

  get signal(): AbortSignal {
    const extras = this._extend();
    if (extras.controller === undefined) {
      extras.controller = new AbortController();
      const cancellation = this._cancellation;
      if (cancellation !== undefined) extras.controller.abort(cancellation.reason);
    }
    return extras.controller.signal;
  }

  get draining(): AbortSignal {
    return this._scheduler.draining;
  }

  /**
   * Gives what the function returned, or throws what it threw: the same value or the same error object,
   * however often and whenever it is called. A cancelled job throws {@link JobCancelledError}.
   *
   * Whoever waits before the end of the turn in which the job fails owns the failure: it is not told
   * to the exception handler then.
   *
   * @param options - `timeout` (ms) and `signal` stop only the waiting; the job goes on. The wait then
   *   rejects with {@link JobTimeoutError} or the signal's reason, and is no waiter any more.
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const job = await new Scheduler().spawn(async () => 42);
   * console.log(await job.wait({ timeout: 1_000 })); // 42
   * ```
   */
  wait(options?: { timeout?: number | undefined; signal?: AbortSignal | undefined }): Promise<T> {
    if (options !== undefined) {
      const { timeout = Infinity, signal } = checkOptions('options', options);
      checkTime('timeout', timeout);
      if (signal !== undefined) checkSignal('signal', signal);
      if (timeout !== Infinity || signal !== undefined)
        return limitedWait(this, timeout, signal) as Promise<T>;
    }
    this._waiters += 1;
    return this._settled() as Promise<T>;
  }

  /**
   * Cancels the job and resolves when its function has settled. A pending job is removed at once and
   * never called. Closing a closed job does nothing; called by the job itself it cancels and resolves.
   *
   * @param options - `timeout`: ms to wait (default: the scheduler's `closeTimeout`), after which it
   *   rejects with {@link JobTimeoutError} while the job stays `closing`, still counted. `reason`: the
   *   reason of the job's signal (default: a {@link JobCancelledError}).
   * @throws what the job failed with, if that was not the cancellation
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const job = new Scheduler().spawnNow(async ({ signal }) => {
   *   while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
   * });
   * await job.close({ timeout: 500, reason: new Error('not needed any more') });
   * ```
   */
  close(options?: { timeout?: number | undefined; reason?: unknown }): Promise<void> {
    const { timeout = this._scheduler.closeTimeout, reason } = checkOptions('options', options);
    checkTime('timeout', timeout);
    if (this.closed) return Promise.resolve();
    this._cancel(new Cancellation(reason));
    if (this.closed) return Promise.resolve();
    if (worksAround().includes(this)) return Promise.resolve();
    const settled = limitedWait(this, timeout, undefined);
    return handled(
      settled.then(
        () => undefined,
        (error: unknown) => {
          if (this._state !== 'cancelled') throw error;
        },
      ),
    );
  }

  /** `close()`: `await using job = …` cancels the job at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal What becomes of the job, for somebody who need not be counted as a waiter. */
  _settled(): Promise<unknown> {
    const outcome = this._settledAs;
    if (outcome === 'completed') return Promise.resolve(this._work);
    if (outcome !== undefined) return handled(Promise.reject(this._error as Error));
    this._settlement ??= makeSettlement();
    return this._settlement instanceof Settlement ? this._settlement.promise : this._settlement;
  }

  /** @internal */
  _extend(): JobExtras {
    this._extras ??= {
      timer: undefined,
      unlink: undefined,
      admission: undefined,
      blocked: false,
      released: false,
      cancellation: undefined,
      controller: undefined,
      outer: undefined,
      sourceStack: undefined,
      abandoned: false,
      extensions: 0,
      settledAs: undefined,
    };
    return this._extras;
  }

  /** @internal Whether it waits for its `after`. */
  get _blocked(): boolean {
    return this._extras?.blocked === true;
  }

  /** @internal Whether it had to wait for its `after`. */
  get _released(): boolean {
    return this._extras?.released === true;
  }

  /** @internal */
  get _cancellation(): Cancellation | undefined {
    return this._state === 'cancelled' ? (this._work as Cancellation) : this._extras?.cancellation;
  }

  /** @internal */
  get _outer(): Work | undefined {
    return this._extras?.outer;
  }

  /** @internal How its function ended; other work may still hold the job open. */
  get _settledAs(): JobOutcome | undefined {
    return this._extras?.settledAs ?? this.outcome;
  }

  /** @internal What the job failed with, or was cancelled with. */
  get _error(): unknown {
    return this._settledAs === 'cancelled' ? (this._work as Cancellation).error : this._work;
  }

  /** @internal Calls the function, in a scope of its own. Slot and state are the scheduler's business. */
  _start(): void {
    this._enter(innermostWork());
    this._run();
  }

  /** @internal The same in the scope of the caller, which is as before afterwards. */
  _startHere(): void {
    const around = innermostWork();
    this._enter(around);
    try {
      this._run();
    } finally {
      enterWork(around);
    }
  }

  /** @internal */
  _enter(around: Work | undefined): void {
    if (around !== undefined) this._remember(around);
    enterWork(this);
  }

  /** @internal From inside this job, another scheduler's around it is to be found too; of its own, only itself. */
  _remember(around: Work): void {
    let outer = innermostLive(around);
    while (outer instanceof Job && outer._scheduler === this._scheduler) {
      outer = innermostLive(outer._outer);
    }
    if (outer !== undefined) this._extend().outer = outer;
  }

  /** @internal Calls the function and follows what it returns. */
  _run(): void {
    const work = this._work as JobFunction<unknown>;
    this._work = undefined;
    let promise: Promise<unknown> | undefined;
    let returned: unknown;
    try {
      returned = work(this);
      promise = promiseOf(returned);
    } catch (error) {
      this._fail(error);
      return;
    }
    if (returned === toldLater) return;
    if (promise === undefined) {
      this._complete(returned);
      return;
    }
    const settlement = promise.then(
      (value) => this._complete(value),
      (error: unknown) => this._fail(error),
    );
    this._settlement ??= settlement;
  }

  /** @internal Cancels unless it is too late; the first cause wins. */
  _cancel(cancellation: Cancellation): void {
    if (this._state === 'pending') this._scheduler._cancelPending(this, cancellation);
    else if (this._state === 'active') {
      this._state = 'closing';
      const extras = this._extend();
      extras.cancellation = cancellation;
      extras.timer?.clear();
    } else return;
    this._extras?.controller?.abort(cancellation.reason);
  }

  /** @internal Ends a pending job, or one that waits for room, which never was a job to anybody. */
  _drop(cancellation: Cancellation): void {
    const { _settlement: settlement } = this;
    this._end('cancelled', cancellation);
    if (settlement instanceof Settlement) settlement.reject(cancellation.error);
  }

  /**
   * @internal Makes the job last until this has settled as well, though its function may settle
   * earlier: its slot is in use that long.
   */
  _extendUntil(work: PromiseLike<unknown>): void {
    const extras = this._extend();
    extras.extensions += 1;
    const over = (): void => {
      extras.extensions -= 1;
      const { settledAs } = extras;
      if (extras.extensions === 0 && settledAs !== undefined) this._end(settledAs, this._work);
    };
    void work.then(over, over);
  }

  /** @internal */
  _complete(value: unknown): unknown {
    if (this.closed) return value;
    const { _settlement: settlement } = this;
    this._settle('completed', value);
    if (settlement instanceof Settlement) settlement.resolve(value);
    return value;
  }

  /** @internal */
  _fail(thrown: unknown): unknown {
    if (this.closed) return undefined;
    const { _settlement: settlement } = this;
    const cancellation = this._extras?.cancellation;
    const obeyed = cancellation?.explains(thrown) === true;
    const error: unknown = obeyed ? cancellation.error : thrown;
    if (!obeyed && this._waiters === 0) this._scheduler._failedUnwaited(this);
    this._settle(obeyed ? 'cancelled' : 'failed', obeyed ? cancellation : thrown);
    if (settlement === undefined) return undefined;
    if (settlement instanceof Settlement) {
      settlement.reject(error);
      return undefined;
    }
    // This very callback is what `settlement` derives from: throwing rejects it, for its waiters.
    void handled(settlement);
    throw error;
  }

  /** @internal The function has settled; other work may still hold the job open. */
  _settle(outcome: JobOutcome, result: unknown): void {
    const extras = this._extras;
    if (extras === undefined || extras.extensions === 0) this._end(outcome, result);
    else {
      this._work = result;
      this._settlement = undefined;
      extras.settledAs = outcome;
    }
  }

  /** @internal */
  _end(outcome: JobOutcome, result: unknown): void {
    const started = this._state !== 'pending';
    this._state = outcome;
    this._work = result;
    this._settlement = undefined;
    this._context = undefined;
    this._options = withoutReferences(this._options);
    const extras = this._extras;
    if (extras !== undefined) {
      extras.timer?.clear();
      extras.unlink?.();
      extras.unlink = undefined;
      // Else jobs of two schedulers that spawn each other would keep all that went before.
      extras.outer = innermostLive(extras.outer);
    }
    this._scheduler._ended(this, started);
  }
}

/**
 * A job that never runs. V8 throws away the code that it has compiled for objects of some shape whenever a full
 * garbage collection finds none of them alive: whoever keeps one keeps the code.
 */
export function specimen(group: Group): Job {
  const job = new Job(group, noop, resolveJobOptions(undefined), undefined);
  // Without a promise, which would keep the async context of now.
  job._settlement = new Settlement(undefined as never, noop, noop);
  return job;
}

const noop = (): void => {};

function isOutcome(state: Job['_state']): state is JobOutcome {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}

/** What few jobs need, made when they do. */
export interface JobExtras {
  timer: Timer | undefined;
  unlink: (() => void) | undefined;
  /** Of a job that waits for room: the promise of its `spawn()`. */
  admission: Deferred<Job, ObservedPromise<Job>> | undefined;
  /** It waits for its `after`. */
  blocked: boolean;
  /** It had to wait for its `after`. */
  released: boolean;
  /** Of a running job. */
  cancellation: Cancellation | undefined;
  controller: AbortController | undefined;
  outer: Work | undefined;
  sourceStack: string | undefined;
  abandoned: boolean;
  /** Work besides the function that the job lasts for. */
  extensions: number;
  /** How the function ended, where that is not the end yet. */
  settledAs: JobOutcome | undefined;
}

/** Cancels a running job when its own time is up. */
export function armTimeout(job: Job, timeout: number): void {
  const extras = job._extend();
  extras.timer = new Timer(timeout, () => {
    job._cancel(
      new Cancellation(
        withoutStack(() => new JobTimeoutError(`The job ran for more than ${timeout} ms`)),
      ),
    );
  });
}

/** What a job's function returns if whoever spawned it is going to say, by `_complete()` or `_fail()`, how it ended. */
export const toldLater: unique symbol = Symbol('outlive.toldLater');

// Taken once: whoever replaces it later shall not be taken for a promise's own.
const { then: promiseThen } = Promise.prototype;

/** The promise to follow, or `undefined` for a plain value. May throw what a `then` getter throws. */
export function promiseOf(returned: unknown): Promise<unknown> | undefined {
  if ((typeof returned !== 'object' || returned === null) && typeof returned !== 'function') {
    return undefined;
  }
  const { then } = returned as { then?: unknown };
  // A promise may have a `then` of its own, which may throw: that is for the executor below.
  const plain = returned instanceof Promise && returned.constructor === Promise;
  if (plain && then === promiseThen) return returned;
  if (typeof then !== 'function') return undefined;
  return new Promise((resolve, reject) => {
    Reflect.apply(then, returned, [resolve, reject]);
  });
}
