import { keepPool, markCopy } from './copies.ts';
import { type ExceptionContext, type HandlerOf, report } from './exceptions.ts';
import type { From, Job, JobFunction } from './job.ts';
import type { DrainOptions, ShieldOptions } from './drain-options.ts';
import { resolveDrainOptions, resolveIdleOptions, resolveShieldOptions } from './drain-options.ts';
import type { JobOptions, SchedulerOptionsOf } from './options.ts';
import { resolveJobOptions, resolveSchedulerOptions } from './options.ts';
import type { GroupOptions, JobGroup } from './job-group/job-group.ts';
import { openGroup } from './job-group/open-group.ts';
import type { MapFunction, MapOptions, MapResults, MapSource } from './job-group/open-map.ts';
import { openMap } from './job-group/open-map.ts';
import { Pool } from './pool/pool.ts';
import { type Rate, resolveRate } from './rate.ts';
import type { DrainReport } from './report.ts';
import type { SchedulerStats } from './stats.ts';
import { showSchedulers } from './shown-scheduler.ts';
import { checkCount, checkJobFunction, checkShieldable } from './util/check.ts';

/** How a scheduler runs its jobs. Everything is optional; times are milliseconds; `Infinity` means "no limit". */
export type SchedulerOptions = SchedulerOptionsOf<Scheduler>;

/** Receives every failure that nobody waited for, exactly once, in the context of its `spawn()` call. */
export type ExceptionHandler = HandlerOf<Scheduler>;

/**
 * Runs async functions as {@link Job}s, at most `limit` at once, and ends with all of them accounted
 * for: finished, or named in the report of `drain()`, `waitAndClose()` or `close()`.
 * Making one starts nothing and holds nothing: it may stand at the top level of a module.
 *
 * @example `const job = await new Scheduler({ limit: 10 }).spawn(({ signal }) => fetch(url, { signal }))`
 */
export class Scheduler implements Iterable<Job>, AsyncDisposable {
  readonly #pool: Pool;
  /** As given; printed with failures. @defaultValue none */
  readonly name: string | undefined;
  /** Jobs that may wait for a slot. */
  readonly pendingLimit: number;
  /** Grace that `drain()` and `waitAndClose()` give, in ms. */
  readonly waitTimeout: number;
  /** What a cancelled job gets to settle, in ms. */
  readonly closeTimeout: number;
  /** What hears of failures that nobody waited for. @defaultValue none: they are printed to stderr */
  readonly exceptionHandler: ExceptionHandler | undefined;
  /** Whether jobs of `defineJob()` (`@outlive/durable`) are meant to run here, without a store. */
  readonly localJobs: boolean;

  static {
    markCopy(Scheduler.prototype);
    showSchedulers(Scheduler.prototype);
  }

  /** @throws TypeError or RangeError for a bad option, naming it */
  constructor(options?: SchedulerOptions) {
    const resolved = resolveSchedulerOptions(options);
    this.name = resolved.name;
    this.pendingLimit = resolved.pendingLimit;
    this.waitTimeout = resolved.waitTimeout;
    this.closeTimeout = resolved.closeTimeout;
    this.exceptionHandler = resolved.exceptionHandler;
    this.localJobs = resolved.localJobs;
    this.#pool = new Pool(resolved, (context) => this.callExceptionHandler(context), this);
    keepPool(this, this.#pool);
  }

  /** Functions that may run at once. Raising it starts pending jobs at once; lowering it stops none. */
  get limit(): number {
    return this.#pool.slots.gate.limit;
  }

  set limit(limit: number) {
    checkCount('limit', limit, 1);
    this.#pool.changeGate((gate) => gate.setLimit(limit));
  }

  /** How often functions may start. Setting it starts at once what may start now; earlier starts count. */
  get rate(): Rate | undefined {
    return this.#pool.slots.gate.rate?.rate;
  }

  set rate(rate: Rate | undefined) {
    const resolved = resolveRate(rate);
    this.#pool.changeGate((gate) => gate.setRate(resolved));
  }

  /** Pending, active and closing jobs; shields are not counted. */
  get size(): number {
    return this.#pool.size;
  }

  /** Functions that run now, those of cancelled jobs that have not settled included. */
  get activeCount(): number {
    return this.#pool.slots.active.size;
  }

  /** Jobs that wait: for a slot, their `after`, their key, the rate or their next attempt. */
  get pendingCount(): number {
    return this.#pool.slots.pending.size;
  }

  /** True from the first `close()` on, and from the end of the grace of `waitAndClose()`: nothing new is accepted. */
  get closed(): boolean {
    return this.#pool.closed;
  }

  /**
   * Aborts when `drain()`, `waitAndClose()`, `close()` or the close of an attached server begins.
   * A fresh one takes its place once a drained scheduler goes on.
   */
  get drainSignal(): AbortSignal {
    return this.#pool.drainSignal;
  }

  /**
   * Runs a function as a job: at once and synchronously if a slot is free, else when its turn comes.
   * Waits for room when `pendingLimit` jobs are pending already; no later call overtakes a waiting one.
   * A rejection that nobody awaits goes to the exception handler as `'Job refused'`.
   * @throws TypeError or RangeError, at the call, for anything but a plain or async function, or for a bad
   *   option; rejects with `SchedulerClosedError`, or with the reason of an aborted `signal`
   * @example `await scheduler.spawn(() => send(receipt), { name: 'receipt', timeout: 5_000 })`
   */
  spawn<T>(fn: JobFunction<T>, options?: JobOptions): Promise<Job<T>> {
    checkJobFunction('fn', fn);
    return this.#pool.spawn(fn, resolveJobOptions(options));
  }

  /**
   * `spawn()` for synchronous code: gives the job, or throws.
   * @throws `PendingLimitError` when there is neither a slot nor a pending place, `SchedulerClosedError`,
   *   or the reason of an aborted `signal`
   * @example `const job = scheduler.spawnNow(() => warmCache())`
   */
  spawnNow<T>(fn: JobFunction<T>, options?: JobOptions): Job<T> {
    checkJobFunction('fn', fn);
    return this.#pool.spawnNow(fn, resolveJobOptions(options));
  }

  /**
   * Opens a group of jobs that end together: `await group.wait()` waits for all of them, and the first failure
   * cancels the others. Inside a job they run in the slot that it holds, so that it can wait for them.
   * @throws TypeError or RangeError for a bad option
   * @example `await using group = scheduler.group({ inside: job, limit: 5 })`
   */
  group(options?: GroupOptions): JobGroup {
    return openGroup(this.#pool, options);
  }

  /**
   * Calls `fn` for each item, as jobs of one group, and gives the results as they come; takes no more items than are
   * asked for. The first failure, or leaving the loop, cancels what runs, waits for it and closes the source.
   * @throws TypeError or RangeError for a bad argument; iterating rejects with what `fn` or the source has thrown
   * @example `for await (const page of scheduler.map(urls, (url, { signal }) => fetch(url, { signal }))) save(page);`
   */
  map<T, R>(source: MapSource<T>, fn: MapFunction<T, R>, options?: MapOptions): MapResults<R> {
    return openMap(this.#pool, source, fn, options);
  }

  /**
   * Tracks work that must not be cut off: the promise given back follows it, aborting `signal` rejects
   * only that promise, and `drain()` and `close()` wait for the work itself. Takes no slot. A function
   * gets a `JobContext` whose signal aborts only when the scheduler cancels. A rejection that nobody
   * awaits goes to the exception handler as `'Shielded work failed'`.
   * @throws TypeError, at the call, for anything but a promise or a function; after `close()` rejects with
   *   `SchedulerClosedError` for a function, while a promise is still followed
   * @example `const paid = await scheduler.shield(charge(card), { signal: AbortSignal.timeout(1_000) })`
   */
  shield<T>(work: PromiseLike<T> | JobFunction<T>, options?: ShieldOptions): Promise<T> {
    checkShieldable('work', work);
    return this.#pool.shield(work, resolveShieldOptions(options));
  }

  /**
   * Resolves when nothing is pending, running, shielded or waiting for room. A job that waits says so by `from`.
   * @throws rejects with the signal's reason, or with `SchedulerClosedError` once closed
   */
  idle(options?: { signal?: AbortSignal | undefined; from?: From | undefined }): Promise<void> {
    return this.#pool.idle(resolveIdleOptions(options));
  }

  /**
   * Lets everything finish within `timeout`, then cancels what is left and gives it `closeTimeout`.
   * Jobs go on being accepted, and are waited for too; the scheduler stays usable. Never rejects
   * because a job failed. Holds the process until it has settled, within `timeout` + `closeTimeout`.
   *
   * A job that waits for it says so: `drain({ from: job })`. That job is not waited for and in no list,
   * and two such jobs do not wait for each other. On a closed one it joins the close, within its bounds.
   * @throws TypeError or RangeError, at the call, for a bad option
   * @example `const { completed, abandoned } = await scheduler.drain({ timeout: 10_000, from: job })`
   */
  drain(options?: DrainOptions): Promise<DrainReport> {
    const resolved = resolveDrainOptions(options, this);
    return this.#pool.drain(resolved).outcomeWithin(resolved);
  }

  /**
   * `drain()`, then closed for good. Called again, or after `close()`, it joins the first call; a
   * `close()` meanwhile cuts the grace short.
   * @throws TypeError or RangeError, at the call, for a bad option
   */
  waitAndClose(options?: DrainOptions): Promise<DrainReport> {
    return this.#pool.waitAndClose(resolveDrainOptions(options, this)).promise;
  }

  /**
   * Cancels everything now and closes the scheduler for good: nothing starts any more, and when it
   * resolves, no promise that the scheduler gave out is pending, but for `wait()` of abandoned jobs.
   * Idempotent: every call shares one outcome. A job in `from` is cancelled too, but not waited for.
   * @throws TypeError, at the call, for a bad `from`
   * @example `const { cancelled, abandoned } = await scheduler.close()`
   */
  close(options?: { from?: From | undefined }): Promise<DrainReport> {
    // Takes what `drain()` takes, so that either can be called in the other's place; there is no grace to bound.
    const { closeTimeout, from } = resolveDrainOptions(options, this);
    return this.#pool.close(from, closeTimeout).promise;
  }

  /** `waitAndClose()`: `await using scheduler = …` drains at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.waitAndClose();
  }

  /** What the scheduler has done since it was made, and what it holds now. */
  stats(): SchedulerStats {
    return this.#pool.stats;
  }

  /** No pending job starts until `resume()`; running ones go on. */
  pause(): void {
    this.#pool.changeGate((gate) => gate.pause());
  }

  /** Ends `pause()`: what may start now starts at once. Does nothing otherwise. */
  resume(): void {
    this.#pool.changeGate((gate) => gate.resume());
  }

  /** Whether the job is one of this scheduler's and not closed. */
  has(job: Job): boolean {
    return this.#pool.has(job);
  }

  /** The live jobs, oldest first, as they are at the call. */
  [Symbol.iterator](): IterableIterator<Job> {
    return this.#pool.jobsOf().values();
  }

  /** Calls the exception handler, or prints where there is none; prints what the handler itself throws. */
  callExceptionHandler(context: ExceptionContext): void {
    report(context, this, this.exceptionHandler);
  }
}
