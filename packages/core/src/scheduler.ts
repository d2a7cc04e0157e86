import { AsyncResource } from 'node:async_hooks';
import type { Cancellation } from './cancellation.ts';
import { checkCount, expected, isThenable } from './check.ts';
import { Dispatcher } from './dispatcher.ts';
import { Drain, type DrainReport } from './drain.ts';
import { atEndOfTurn } from './end-of-turn.ts';
import { PendingLimitError, SchedulerClosedError } from './errors.ts';
import {
  callSite,
  debugging,
  type ExceptionContext,
  type ExceptionHandler,
  report,
} from './exceptions.ts';
import { Group } from './group.ts';
import { IdleWaiters } from './idle-waiters.ts';
import { Insiders } from './insiders.ts';
import { Job, type JobFunction, specimen } from './job.ts';
import { type JobOptions, type ResolvedJobOptions, resolveJobOptions } from './job-options.ts';
import {
  type Deferred,
  handled,
  observedDeferred,
  type ObservedPromise,
} from './observed-promise.ts';
import {
  type DrainOptions,
  resolveDrainOptions,
  resolveSchedulerOptions,
  resolveSignal,
  type SchedulerOptions,
} from './scheduler-options.ts';
import { Shield } from './shield.ts';
import { SignalLinks } from './signal-links.ts';

/**
 * Runs async functions as {@link Job}s, at most `limit` at once, and ends with all of them accounted
 * for: finished, or named in the report of `drain()`, `waitAndClose()` or `close()`.
 *
 * Making one starts nothing and holds nothing: it may stand at the top level of a module.
 *
 * @example
 * ```ts
 * import { Scheduler } from '@outlive/core';
 *
 * await using scheduler = new Scheduler({ limit: 10 });
 * const job = await scheduler.spawn(async ({ signal }) => {
 *   signal.throwIfAborted();
 *   return 42;
 * });
 * console.log(await job.wait()); // 42
 * ```
 */
export class Scheduler implements Iterable<Job>, AsyncDisposable {
  readonly name: string | undefined;
  /** Jobs that may wait for a slot. */
  readonly pendingLimit: number;
  /** Grace that `drain()` and `waitAndClose()` give, in ms. */
  readonly waitTimeout: number;
  /** What a cancelled job gets to settle, in ms. */
  readonly closeTimeout: number;
  readonly exceptionHandler: ExceptionHandler | undefined;
  readonly #dispatcher: Dispatcher;
  /** Of the jobs that were spawned here, and not through a server. */
  readonly #ungrouped = new Group(this);
  /** @internal */ readonly _specimen: Job = specimen(this.#ungrouped);
  readonly #links = new SignalLinks();
  readonly #shields = new Set<Shield>();
  readonly #drains = new Set<Drain>();
  readonly #insiders = new Insiders(this);
  readonly #idle = new IdleWaiters();
  readonly #idleInside = new IdleWaiters();
  /** The constructor's context, if that is what jobs shall see. */
  readonly #context: AsyncResource | undefined;
  readonly #debugging: boolean = debugging();
  #draining: AbortController | undefined;
  #closing: Drain | undefined;
  #closed = false;

  /** @throws TypeError or RangeError for a bad option, naming it */
  constructor(options?: SchedulerOptions) {
    const resolved = resolveSchedulerOptions(options);
    this.name = resolved.name;
    this.pendingLimit = resolved.pendingLimit;
    this.waitTimeout = resolved.waitTimeout;
    this.closeTimeout = resolved.closeTimeout;
    this.exceptionHandler = resolved.exceptionHandler;
    this.#dispatcher = new Dispatcher(
      resolved.limit,
      resolved.pendingLimit,
      resolved.exceptionHandler !== undefined,
    );
    this.#context =
      resolved.context === 'scheduler' ? new AsyncResource('OutliveScheduler') : undefined;
  }

  /** Functions that may run at once. Raising it starts pending jobs at once; lowering it stops none. */
  get limit(): number {
    return this.#dispatcher.limit;
  }

  set limit(limit: number) {
    this.#dispatcher.limit = checkCount('limit', limit, 1);
    this._onFreeSlot?.();
  }

  /** Pending, active and closing jobs; shields are not counted. */
  get size(): number {
    return this.#dispatcher.active.size + this.#dispatcher.pending.size;
  }

  /** Functions that run now, those of cancelled jobs that have not settled included. */
  get activeCount(): number {
    return this.#dispatcher.active.size;
  }

  get pendingCount(): number {
    return this.#dispatcher.pending.size;
  }

  /** True from the first `close()` on, and from the end of the grace of `waitAndClose()`: nothing new is accepted. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Aborts when `drain()`, `waitAndClose()`, `close()` or the close of an attached server begins.
   * A fresh one takes its place once a drained scheduler goes on.
   */
  get draining(): AbortSignal {
    if (this.#draining === undefined) {
      this.#draining = new AbortController();
      if (this.#closed || this.#drains.size > 0) this.#draining.abort();
    }
    return this.#draining.signal;
  }

  /**
   * Runs a function as a job: at once and synchronously if a slot is free, else when its turn comes.
   * Waits for room when `pendingLimit` jobs are pending already; nobody overtakes a waiting call.
   *
   * A rejection that nobody awaits goes to the exception handler as `'Job refused'`.
   *
   * @throws TypeError or RangeError, at the call, for a non-function or a bad option
   * @returns rejects with {@link SchedulerClosedError}, or with the reason of an aborted `signal`
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const scheduler = new Scheduler();
   * await scheduler.spawn(() => console.log('sent'), { name: 'receipt', timeout: 5_000 });
   * ```
   */
  spawn<T>(fn: JobFunction<T>, options?: JobOptions): Promise<Job<T>> {
    return this._spawn(fn, resolveJobOptions(options));
  }

  /**
   * `spawn()` for synchronous code: gives the job, or throws.
   *
   * @throws {@link PendingLimitError} when there is neither a slot nor a pending place,
   *   {@link SchedulerClosedError}, or the reason of an aborted `signal`
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const job = new Scheduler().spawnNow(() => 'done');
   * console.log(job.outcome); // completed
   * ```
   */
  spawnNow<T>(fn: JobFunction<T>, options?: JobOptions): Job<T> {
    return this._spawnNow(fn, resolveJobOptions(options));
  }

  /**
   * Tracks work that must not be cut off: the promise given back follows it, aborting `signal` rejects
   * only that promise, and `drain()` and `close()` wait for the work itself. Takes no slot. A function
   * gets a {@link JobContext} whose signal aborts only when the scheduler cancels.
   *
   * A rejection that nobody awaits goes to the exception handler as `'Shielded work failed'`.
   *
   * @throws TypeError, at the call, for anything but a promise or a function
   * @returns after `close()`, a function is refused with {@link SchedulerClosedError}; a promise is still followed
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const scheduler = new Scheduler();
   * const paid = await scheduler.shield(async () => 'paid', { signal: AbortSignal.timeout(1_000) });
   * console.log(paid);
   * ```
   */
  shield<T>(
    work: PromiseLike<T> | JobFunction<T>,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<T> {
    return this._shield(work, options);
  }

  /**
   * Resolves when nothing is pending, running, shielded or waiting for room; starts nothing and stops
   * nothing. From inside a job, that job is left out.
   *
   * @returns rejects with the signal's reason, or with {@link SchedulerClosedError} once closed
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const scheduler = new Scheduler();
   * await scheduler.spawn(async () => console.log('working'));
   * await scheduler.idle();
   * ```
   */
  idle(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    const signal = resolveSignal(options);
    if (this.#closed) return handled(Promise.reject(new SchedulerClosedError()));
    if (signal?.aborted) return handled(Promise.reject(signal.reason as Error));
    const entered = this.#insiders.enter();
    const inside = entered.length > 0;
    const leave = (): void => {
      this.#insiders.leave(entered);
    };
    if (this._busy(undefined, inside) === 0) {
      leave();
      return Promise.resolve();
    }
    const idle = (inside ? this.#idleInside : this.#idle).add(signal);
    if (inside) void idle.then(leave, leave);
    return idle;
  }

  /**
   * Lets everything finish within `timeout`, then cancels what is left and gives it `closeTimeout`.
   * Jobs go on being accepted, and are waited for too; the scheduler stays usable. Never rejects
   * because a job failed. Holds the process until it has settled.
   *
   * Called from inside a job, it leaves that job out. On a closed scheduler it joins the close.
   *
   * @returns what became of each job, within `timeout` + `closeTimeout`
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const scheduler = new Scheduler();
   * const { completed, abandoned } = await scheduler.drain({ timeout: 10_000 });
   * console.log(completed, abandoned.map((job) => job.name));
   * ```
   */
  drain(options?: DrainOptions): Promise<DrainReport> {
    return this._drain(options, undefined, false).promise;
  }

  /**
   * `drain()`, then closed for good. Called again, or after `close()`, it joins the first call; a
   * `close()` meanwhile cuts the grace short.
   *
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const scheduler = new Scheduler();
   * const report = await scheduler.waitAndClose({ timeout: 5_000, closeTimeout: 500 });
   * console.log(report.cancelled.length, scheduler.closed); // 0 true
   * ```
   */
  waitAndClose(options?: DrainOptions): Promise<DrainReport> {
    const { timeout, closeTimeout } = resolveDrainOptions(options, this);
    return this.#closing === undefined
      ? this.#close(closeTimeout, timeout)
      : this._join(this.#closing).promise;
  }

  /**
   * Cancels everything now and closes the scheduler for good: nothing starts any more, and when it
   * resolves, no promise that the scheduler gave out is pending, but for `wait()` of abandoned jobs.
   * Idempotent: every call shares one outcome.
   *
   * @example
   * ```ts
   * import { Scheduler } from '@outlive/core';
   *
   * const scheduler = new Scheduler();
   * await scheduler.spawn(({ signal }) => new Promise((_, reject) => {
   *   signal.addEventListener('abort', () => reject(signal.reason));
   * }));
   * console.log((await scheduler.close()).cancelled.length); // 1
   * ```
   */
  close(): Promise<DrainReport> {
    if (this.#closing === undefined) return this.#close(this.closeTimeout, 0);
    this._join(this.#closing).cutShort();
    return this.#closing.promise;
  }

  /** `waitAndClose()`: `await using scheduler = …` drains at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.waitAndClose();
  }

  /** No pending job starts until `resume()`; running ones go on. */
  pause(): void {
    this.#dispatcher.pause();
  }

  resume(): void {
    this.#dispatcher.resume();
    this._onFreeSlot?.();
  }

  /** Whether the job is one of this scheduler's and not closed. */
  has(job: Job): boolean {
    return job instanceof Job && job._scheduler === this && !job.closed;
  }

  /** The live jobs, oldest first, as they are at the call. */
  [Symbol.iterator](): IterableIterator<Job> {
    const jobs: Job[] = [];
    this.#dispatcher.pending.addTo(jobs);
    this.#dispatcher.active.addTo(jobs);
    return jobs.toSorted((a, b) => a.id - b.id).values();
  }

  /**
   * Tells the exception handler, or prints where there is none. Never throws: what a handler throws
   * or rejects with is printed to stderr.
   */
  callExceptionHandler(context: ExceptionContext): void {
    report(context, this, this.exceptionHandler);
  }

  /** @internal */
  _spawn<T>(
    fn: JobFunction<T>,
    options: ResolvedJobOptions,
    group: Group = this.#ungrouped,
  ): Promise<Job<T>> {
    checkWork(fn);
    const refusal = this.#refusal(options);
    if (refusal !== undefined) return this.#refuse(observedDeferred<Job<T>>(), refusal.reason);
    const job = this.#make(fn, options, group);
    if (this.#dispatcher.hasRoom(job._blocked)) {
      this.#dispatcher.accept(job);
      return Promise.resolve(job);
    }
    const admission = observedDeferred<Job<T>>();
    job._extend().admission = admission as Deferred<Job, ObservedPromise<Job>>;
    this.#dispatcher.enlist(job);
    return admission.promise;
  }

  /** @internal `beyondLimit` makes room where there is none. */
  _spawnNow<T>(
    fn: JobFunction<T>,
    options: ResolvedJobOptions,
    group: Group = this.#ungrouped,
    beyondLimit = false,
  ): Job<T> {
    checkWork(fn);
    const refusal = this.#refusal(options);
    if (refusal !== undefined) throw refusal.reason;
    if (!beyondLimit && !this.#dispatcher.hasRoom(options.after !== undefined)) {
      throw new PendingLimitError(`No room for another job (pendingLimit ${this.pendingLimit})`);
    }
    const job = this.#make(fn, options, group);
    this.#dispatcher.accept(job);
    return job;
  }

  /** @internal */
  _shield<T>(
    work: PromiseLike<T> | JobFunction<T>,
    options: { signal?: AbortSignal | undefined } | undefined,
    group: Group = this.#ungrouped,
  ): Promise<T> {
    const signal = resolveSignal(options);
    const promise = isThenable(work) ? Promise.resolve(work) : undefined;
    if (promise === undefined) {
      if (typeof work !== 'function') {
        throw new TypeError(expected('work', 'a promise or a function', work));
      }
      if (this.#closed) return this.#refuse(observedDeferred<T>(), new SchedulerClosedError());
      if (signal?.aborted) return this.#refuse(observedDeferred<T>(), signal.reason);
    }
    this.#dispatcher.lastId += 1;
    const shield = new Shield(group, this.#dispatcher.lastId);
    this.#shields.add(shield);
    group.shields += 1;
    if (signal !== undefined) shield.giveUpOn(signal);
    if (promise === undefined) shield.start(work as JobFunction<unknown>);
    else shield.follow(promise);
    return shield.promise as Promise<T>;
  }

  /** @internal Of a group or of everything; `held` until its `release()`. */
  _drain(options: DrainOptions | undefined, group: Group | undefined, held: boolean): Drain {
    const { timeout, closeTimeout } = resolveDrainOptions(options, this);
    if (this.#closing?.cancelling) return this._join(this.#closing);
    return this.#begin(new Drain(this, { group, final: false, closeTimeout, held }), timeout);
  }

  /** @internal Called when a slot may have become free, and when a drain is over. */
  _onFreeSlot: (() => void) | undefined = undefined;

  /** @internal How many jobs spawned now would start at once. */
  get _freeSlots(): number {
    return this.#dispatcher.freeSlots;
  }

  /** @internal Epoch ms that the times of jobs count from. */
  get _origin(): number {
    return this.#dispatcher.origin;
  }

  /** @internal The id of the newest job or shield. */
  get _lastId(): number {
    return this.#dispatcher.lastId;
  }

  /** @internal How much there is to wait for, with or without what waits inside itself. */
  _busy(group: Group | undefined, inside: boolean): number {
    const { active, pending, line } = this.#dispatcher;
    const all =
      group === undefined
        ? active.size + pending.size + line.size + this.#shields.size
        : group.jobs + group.shields;
    return inside ? all - this.#insiders.count('all', group) : all;
  }

  /** @internal */
  _busyShields(group: Group | undefined, inside: boolean): number {
    const all = group === undefined ? this.#shields.size : group.shields;
    return inside ? all - this.#insiders.count('shields', group) : all;
  }

  /** @internal */
  _waitsInside(job: Job): boolean {
    return this.#insiders.has(job);
  }

  /** @internal The jobs in one of the dispatcher's lists, as they are at the call. */
  _jobs(list: 'line' | 'pending' | 'active', group: Group | undefined): Job[] {
    const jobs: Job[] = [];
    this.#dispatcher[list].addTo(jobs);
    return group === undefined ? jobs : jobs.filter((job) => job._group === group);
  }

  /** @internal */
  _shields(group: Group | undefined): Shield[] {
    const shields = [...this.#shields];
    return group === undefined ? shields : shields.filter((shield) => shield._group === group);
  }

  /** @internal From here on nothing is accepted and nothing starts. */
  _closeForGood(): void {
    this.#closed = true;
    this.#dispatcher.stop();
  }

  /** @internal */
  _atOnce(change: () => void): void {
    this.#dispatcher.atOnce(change);
  }

  /** @internal */
  _cancelPending(job: Job, cancellation: Cancellation): void {
    if (job._id === 0) this._refuseWaiting(job, cancellation, cancellation.reason);
    else job._drop(cancellation);
  }

  /** @internal Ends a `spawn()` that waits for room. */
  _refuseWaiting(job: Job, cancellation: Cancellation, reason: unknown): void {
    const admission = job._extras?.admission as Deferred<Job, ObservedPromise<Job>>;
    const context = job._context;
    job._drop(cancellation);
    context?.runInAsyncScope(() => {
      void this.#refuse(admission, reason);
    });
  }

  /** @internal A job has failed and nobody waits for it, so far. */
  _failedUnwaited(job: Job): void {
    atEndOfTurn(() => {
      if (job._waiters > 0) return;
      this.callExceptionHandler({
        message: 'Job processing failed',
        exception: job._error,
        job,
        sourceStack: job._extras?.sourceStack,
      });
    });
  }

  /** @internal */
  _ended(job: Job, started: boolean): void {
    this.#dispatcher.remove(job, started);
    job._group.jobs -= 1;
    // A job without an id never was one: its `spawn()` still waited for room.
    if (job._id > 0 && this.#drains.size > 0) {
      for (const drain of this.#drains) drain.jobEnded(job);
    }
    this.#insiders.ended(job);
    this.#dispatcher.pump();
    this.#progress();
    this._onFreeSlot?.();
  }

  /** @internal */
  _shieldEnded(shield: Shield): void {
    this.#shields.delete(shield);
    shield._group.shields -= 1;
    this.#insiders.ended(shield);
    this.#progress();
  }

  /** @internal */
  _drainEnded(drain: Drain, final: boolean): void {
    this.#drains.delete(drain);
    if (final) this.#endEverything();
    else if (this.#drains.size === 0 && !this.#closed) this.#draining = undefined;
    // After the other drains have ended: whoever called from inside is in no list of theirs either.
    this.#insiders.leave(drain.entered);
    if (!final) this._onFreeSlot?.();
  }

  /** Leaves no promise pending that was given out. */
  #endEverything(): void {
    for (const other of this.#drains) other.finish();
    const error = new SchedulerClosedError();
    this.#idle.rejectAll(error);
    this.#idleInside.rejectAll(error);
    for (const shield of this.#shields) shield.abandon(error);
  }

  #close(closeTimeout: number, grace: number): Promise<DrainReport> {
    this.#closing = new Drain(this, { group: undefined, final: true, closeTimeout });
    return this.#begin(this.#closing, grace).promise;
  }

  #begin(drain: Drain, grace: number): Drain {
    this.#drains.add(drain);
    drain.join(this.#insiders.enter());
    this.#draining?.abort();
    drain.begin(grace);
    return drain;
  }

  /** @internal The present call waits for the drain as well. */
  _join(drain: Drain): Drain {
    if (this.#drains.has(drain)) {
      drain.join(this.#insiders.enter());
      drain.progress();
    }
    return drain;
  }

  #make<T>(fn: JobFunction<T>, options: ResolvedJobOptions, group: Group): Job<T> {
    const job = new Job<T>(group, fn, options, this.#jobContext());
    group.jobs += 1;
    if (this.#debugging) job._extend().sourceStack = callSite();
    if (options.signal !== undefined) this.#links.add(options.signal, job);
    if (options.after !== undefined) this.#block(job, options.after);
    return job;
  }

  /** Each job has one of its own: entering the job into a shared one would show it to all others. */
  #jobContext(): AsyncResource | undefined {
    return this.#context?.runInAsyncScope(() => new AsyncResource('OutliveJob'));
  }

  #block(job: Job, after: Promise<unknown>): void {
    job._extend().blocked = true;
    const unblock = (): void => {
      this.#dispatcher.unblock(job);
    };
    // As `await` does, whatever `then` of its own the promise may have.
    void Promise.prototype.then.call(after, unblock, unblock);
  }

  #refusal({ signal }: ResolvedJobOptions): { reason: unknown } | undefined {
    if (this.#closed) return { reason: new SchedulerClosedError() };
    if (signal?.aborted) return { reason: signal.reason };
    return undefined;
  }

  /** Rejects what a caller was given; if he forgot it, the exception handler is told. */
  #refuse<T>({ promise, reject }: Deferred<T, ObservedPromise<T>>, reason: unknown): Promise<T> {
    reject(reason);
    atEndOfTurn(() => {
      if (promise.observed) return;
      this.callExceptionHandler({ message: 'Job refused', exception: reason });
    });
    return promise;
  }

  #progress(): void {
    if (this.#drains.size > 0) for (const drain of this.#drains) drain.progress();
    if (this.#idle.size > 0 && this._busy(undefined, false) === 0) this.#idle.resolveAll();
    if (this.#idleInside.size > 0 && this._busy(undefined, true) === 0)
      this.#idleInside.resolveAll();
  }
}

function checkWork(fn: unknown): void {
  if (typeof fn === 'function') return;
  const why = isThenable(fn)
    ? ': a promise is already running; pass the async function itself, or use shield()'
    : '';
  throw new TypeError(expected('fn', 'a function', fn) + why);
}
