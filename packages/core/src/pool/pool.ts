import { Drain, type DrainHost } from '../drain/drain.ts';
import { LeftOut, type Work } from '../drain/left-out.ts';
import {
  JobTimeoutError,
  PendingLimitError,
  SchedulerClosedError,
  withoutStack,
} from '../errors.ts';
import { callSite, debugging, type ExceptionContext } from '../exceptions.ts';
import { Group } from '../group.ts';
import type { JobContext, JobFunction } from '../job.ts';
import type { Cancellation } from '../job/cancellation.ts';
import { type JobHost, JobRecord } from '../job/record.ts';
import { cancel, drop } from '../job/settle.ts';
import {
  noJobOptions,
  type ResolvedDrainOptions,
  type ResolvedJobOptions,
  type ResolvedSchedulerOptions,
} from '../options.ts';
import { Shield } from '../shield.ts';
import { isThenable } from '../util/check.ts';
import { atEndOfTurn } from '../util/end-of-turn.ts';
import {
  type Deferred,
  handled,
  observedDeferred,
  type ObservedPromise,
} from '../util/observed-promise.ts';
import { Clock } from './clock.ts';
import { Idle } from './idle.ts';
import { shapeAnchor } from './shape-anchor.ts';
import { SignalLinks } from './signal-links.ts';
import { Slots } from './slots.ts';
import { sharedContext } from './spawn-context.ts';

/** What a scheduler is inside: owns its jobs, shields and drains. Arguments come checked. */
export class Pool implements JobHost, DrainHost {
  readonly closeTimeout: number;
  readonly slots: Slots;
  /** True from the cancelling step of a close on: nothing is accepted. */
  closed = false;
  readonly #report: (context: ExceptionContext) => void;
  readonly #clock = new Clock();
  /** Of the jobs that were spawned on the scheduler itself, and not through a server. */
  readonly #ungrouped = new Group(this);
  readonly #links = new SignalLinks();
  readonly #shields = new Set<Shield>();
  readonly #drains = new Set<Drain>();
  readonly #leftOut = new LeftOut();
  readonly #idle: Idle = new Idle(() => this.countWork(undefined, false));
  readonly #idleLeavingOut: Idle = new Idle(() => this.countWork(undefined, true));
  readonly #debugging = debugging();
  readonly #anchor = shapeAnchor(this.#ungrouped);
  #onFreeSlot: (() => void) | undefined;
  /** Whether anything has to hear of the end of each job: a drain, an `idle()`, the listener for free slots. */
  #watched = false;
  #drainController: AbortController | undefined;
  #closing: Drain | undefined;

  constructor(
    options: ResolvedSchedulerOptions<never>,
    report: (context: ExceptionContext) => void,
  ) {
    this.closeTimeout = options.closeTimeout;
    this.#report = report;
    const context = options.context === 'scheduler' ? sharedContext() : undefined;
    this.slots = new Slots(options, this.#clock, context);
  }

  get epoch(): number {
    return this.#clock.epoch;
  }

  get lastId(): number {
    return this.slots.lastId;
  }

  get size(): number {
    return this.slots.active.size + this.slots.pending.size;
  }

  get drainSignal(): AbortSignal {
    if (this.#drainController === undefined) {
      this.#drainController = new AbortController();
      if (this.closed || this.#drains.size > 0) this.#drainController.abort();
    }
    return this.#drainController.signal;
  }

  setLimit(limit: number): void {
    this.slots.limit = limit;
    this.#onFreeSlot?.();
  }

  resume(): void {
    this.slots.resume();
    this.#onFreeSlot?.();
  }

  /** How many jobs spawned now would start at once. */
  get freeSlots(): number {
    return this.slots.free;
  }

  /** Called when a slot may have become free, and when a drain is over. */
  get onFreeSlot(): (() => void) | undefined {
    return this.#onFreeSlot;
  }

  set onFreeSlot(listener: (() => void) | undefined) {
    this.#onFreeSlot = listener;
    this.#watch();
  }

  /** A part of the work that can be drained on its own. */
  newGroup(): Group {
    return new Group(this);
  }

  spawn<T>(
    fn: JobFunction<T>,
    options: ResolvedJobOptions,
    group: Group = this.#ungrouped,
  ): Promise<JobRecord<T>> {
    const refusal = this.#refusal(options);
    if (refusal !== undefined) return this.#refuse(observedDeferred(), refusal.reason);
    const job = this.#make(fn, options, group);
    if (this.slots.hasRoom(options.after !== undefined)) {
      this.slots.accept(job);
      return Promise.resolve(job);
    }
    const admission = observedDeferred<JobRecord<T>>();
    job.extend().admission = admission as Deferred<JobRecord, ObservedPromise<JobRecord>>;
    this.slots.waitForRoom(job);
    return admission.promise;
  }

  spawnNow<T>(
    fn: JobFunction<T>,
    options: ResolvedJobOptions,
    group: Group = this.#ungrouped,
    ignorePendingLimit = false,
  ): JobRecord<T> {
    const refusal = this.#refusal(options);
    if (refusal !== undefined) throw refusal.reason;
    if (!ignorePendingLimit && !this.slots.hasRoom(options.after !== undefined)) {
      const { pendingLimit } = this.slots;
      throw new PendingLimitError(`No room for another job (pendingLimit ${pendingLimit})`);
    }
    const job = this.#make(fn, options, group);
    this.slots.accept(job);
    return job;
  }

  shield<T>(
    work: PromiseLike<T> | JobFunction<T>,
    signal: AbortSignal | undefined,
    group: Group = this.#ungrouped,
  ): Promise<T> {
    const promise = isThenable(work) ? Promise.resolve(work) : undefined;
    if (promise === undefined) {
      if (this.closed) return this.#refuse(observedDeferred<T>(), new SchedulerClosedError());
      if (signal?.aborted) return this.#refuse(observedDeferred<T>(), signal.reason);
    }
    this.slots.lastId += 1;
    const shield = new Shield(group, this.slots.lastId, this.#shieldEnded, this.#shieldFailed);
    this.#shields.add(shield);
    group.shields += 1;
    if (signal !== undefined) shield.giveUpOn(signal);
    if (promise === undefined) shield.start(work as JobFunction<unknown>);
    else shield.follow(promise);
    return shield.promise as Promise<T>;
  }

  idle(signal: AbortSignal | undefined, from: readonly JobContext[]): Promise<void> {
    if (this.closed) return handled(Promise.reject(new SchedulerClosedError()));
    if (signal?.aborted) return handled(Promise.reject(signal.reason as Error));
    const leavesOut = this.#ownWork(from);
    this.#leftOut.enter(leavesOut);
    const leave = (): void => {
      this.#leftOut.leave(leavesOut);
      this.#watch();
    };
    const idle = (leavesOut.length > 0 ? this.#idleLeavingOut : this.#idle).wait(signal);
    this.#progress();
    this.#watch();
    void idle.then(leave, leave);
    return idle;
  }

  /** A drain of a group, or of everything; a `held` one is not over before its `release()`. */
  drain(options: ResolvedDrainOptions & { group?: Group | undefined; held?: boolean }): Drain {
    const { timeout, closeTimeout, from, group, held = false } = options;
    if (this.#closing?.cancelling) {
      this.join(this.#closing, from);
      return this.#closing;
    }
    const drain = new Drain(this, { group, final: false, closeTimeout, held });
    return this.#begin(drain, from, timeout);
  }

  /** A drain, and then the end for good; joins an end that has begun. */
  waitAndClose({ timeout, closeTimeout, from }: ResolvedDrainOptions): Drain {
    if (this.#closing === undefined) {
      this.#closing = new Drain(this, { final: true, closeTimeout });
      return this.#begin(this.#closing, from, timeout);
    }
    this.join(this.#closing, from);
    return this.#closing;
  }

  /** Ends the pool for good, now. */
  close(from: readonly JobContext[]): Drain {
    const { closeTimeout } = this;
    const drain = this.waitAndClose({ timeout: 0, closeTimeout, from });
    drain.endGrace();
    return drain;
  }

  /** A further call waits for the drain, and is left out by it. */
  join(drain: Drain, from: readonly JobContext[]): void {
    if (!this.#drains.has(drain)) return;
    this.#leaveOut(drain, from);
    drain.progress();
  }

  has(job: unknown): boolean {
    return job instanceof JobRecord && job.owner.host === this && !job.closed;
  }

  /** The live jobs of a group, or all, oldest first. */
  jobsOf(group?: Group): JobRecord[] {
    return this.#inGroup(group, [this.slots.pending, this.slots.active]).toSorted(
      (a, b) => a.id - b.id,
    );
  }

  // JobHost

  cancel(job: JobRecord, cancellation: Cancellation): void {
    if (job.phase === 'active') cancel(job, cancellation);
    else if (job.phase !== 'pending') return;
    else if (job.id === 0) this.#refuseWaiting(job, cancellation, cancellation.reason);
    else drop(job, cancellation);
  }

  failed(job: JobRecord): void {
    atEndOfTurn(() => {
      if (job.waiters > 0) return;
      this.#reportOf(job, 'Job processing failed', job.error);
    });
  }

  ended(job: JobRecord, started: boolean): void {
    this.slots.remove(job, started);
    job.owner.jobs -= 1;
    if (!this.#watched) {
      this.slots.fill();
      return;
    }
    // A job without an id never was one: its `spawn()` still waited for room.
    if (job.id > 0) for (const drain of this.#drains) drain.jobEnded(job);
    this.#leftOut.ended(job);
    this.slots.fill();
    this.#progress();
    this.#onFreeSlot?.();
  }

  // DrainHost

  countWork(group: Group | undefined, leavesOut: boolean): number {
    const { slots } = this;
    const all =
      group === undefined
        ? this.size + slots.admission.waiting.size + this.#shields.size
        : group.jobs + group.shields;
    return leavesOut ? all - this.#leftOut.count('all', group) : all;
  }

  countShields(group: Group | undefined, leavesOut: boolean): number {
    const all = group === undefined ? this.#shields.size : group.shields;
    return leavesOut ? all - this.#leftOut.count('shields', group) : all;
  }

  isLeftOut(job: JobRecord): boolean {
    return this.#leftOut.has(job);
  }

  runningJobs(group: Group | undefined): JobRecord[] {
    return this.#inGroup(group, [this.slots.active]);
  }

  openShields(group: Group | undefined): Shield[] {
    const shields = [...this.#shields];
    return group === undefined ? shields : shields.filter(({ owner }) => owner === group);
  }

  cancelUnstarted(
    group: Group | undefined,
    cancellation: Cancellation,
    refusal: unknown,
    spared: (job: JobRecord) => boolean,
  ): void {
    // Else the end of one could let another start that is to be cancelled as well.
    this.slots.fillAfter(() => {
      const waiting = this.#inGroup(group, [this.slots.admission.waiting]);
      const pending = this.#inGroup(group, [this.slots.pending]);
      for (const job of waiting) this.#refuseWaiting(job, cancellation, refusal);
      for (const job of pending) if (!spared(job)) this.cancel(job, cancellation);
    });
  }

  stop(): void {
    this.closed = true;
    this.slots.stop();
  }

  drainEnded(drain: Drain): void {
    this.#drains.delete(drain);
    if (drain.final) this.#endEverything();
    else if (this.#drains.size === 0 && !this.closed) this.#drainController = undefined;
    // After the other drains have ended: what this one left out is in no list of theirs either.
    this.#leftOut.leave(drain.from);
    this.#watch();
    if (!drain.final) this.#onFreeSlot?.();
  }

  abandoned(job: JobRecord): void {
    const extras = job.extend();
    if (extras.abandoned) return;
    extras.abandoned = true;
    const cause = job.cancellation?.reason;
    const why = 'The cancelled job has not settled in time';
    const error = withoutStack(() => new JobTimeoutError(why, { cause }));
    this.#reportOf(job, 'Job closing timed out', error);
  }

  readonly #shieldEnded = (shield: Shield): void => {
    this.#shields.delete(shield);
    shield.owner.shields -= 1;
    this.#leftOut.ended(shield);
    this.#progress();
  };

  readonly #shieldFailed = (exception: unknown): void => {
    this.#report({ message: 'Shielded work failed', exception });
  };

  #reportOf(job: JobRecord, message: string, exception: unknown): void {
    this.#report({ message, exception, job, sourceStack: job.extras?.sourceStack });
  }

  #make<T>(fn: JobFunction<T>, options: ResolvedJobOptions, group: Group): JobRecord<T> {
    const job = new JobRecord<T>(group, fn, options, undefined);
    group.jobs += 1;
    if (this.#debugging) job.extend().sourceStack = callSite();
    if (options !== noJobOptions) {
      if (options.signal !== undefined) this.#links.add(options.signal, job);
      if (options.after !== undefined) this.#block(job, options.after);
    }
    return job;
  }

  #block(job: JobRecord, after: Promise<unknown>): void {
    job.extend().blocked = true;
    const unblock = (): void => {
      this.slots.unblock(job);
    };
    // As `await` does, whatever `then` of its own the promise may have.
    void Promise.prototype.then.call(after, unblock, unblock);
  }

  #refusal({ signal }: ResolvedJobOptions): { reason: unknown } | undefined {
    if (this.closed) return { reason: new SchedulerClosedError() };
    if (signal?.aborted) return { reason: signal.reason };
    return undefined;
  }

  /** Rejects what a caller was given; if the caller forgot it, the exception handler gets it. */
  #refuse<T>({ promise, reject }: Deferred<T, ObservedPromise<T>>, reason: unknown): Promise<T> {
    reject(reason);
    atEndOfTurn(() => {
      if (!promise.observed) this.#report({ message: 'Job refused', exception: reason });
    });
    return promise;
  }

  /** Ends a `spawn()` that waits for room. */
  #refuseWaiting(job: JobRecord, cancellation: Cancellation, reason: unknown): void {
    const admission = job.extras?.admission as Deferred<JobRecord, ObservedPromise<JobRecord>>;
    const { context } = job;
    const refuse = (): void => {
      void this.#refuse(admission, reason);
    };
    drop(job, cancellation);
    if (context === undefined) refuse();
    else context.runInAsyncScope(refuse);
  }

  #begin(drain: Drain, from: readonly JobContext[], grace: number): Drain {
    this.#drains.add(drain);
    this.#watch();
    this.#leaveOut(drain, from);
    this.#drainController?.abort();
    drain.begin(grace);
    return drain;
  }

  #leaveOut(drain: Drain, from: readonly JobContext[]): void {
    const own = this.#ownWork(from);
    this.#leftOut.enter(own);
    drain.join(own);
  }

  /** Without what belongs to another pool, or has settled. */
  #ownWork(from: readonly JobContext[]): Work[] {
    return from.filter(
      (work): work is Work => this.has(work) || (work instanceof Shield && this.#shields.has(work)),
    );
  }

  /** Leaves no promise pending that was given out. */
  #endEverything(): void {
    for (const other of this.#drains) other.finish();
    const error = new SchedulerClosedError();
    this.#idle.rejectAll(error);
    this.#idleLeavingOut.rejectAll(error);
    for (const shield of this.#shields) shield.abandon(error);
  }

  #inGroup(
    group: Group | undefined,
    lists: readonly { addTo(snapshot: JobRecord[]): void }[],
  ): JobRecord[] {
    const jobs: JobRecord[] = [];
    for (const list of lists) list.addTo(jobs);
    return group === undefined ? jobs : jobs.filter((job) => job.owner === group);
  }

  #progress(): void {
    for (const drain of this.#drains) drain.progress();
    this.#idle.progress();
    this.#idleLeavingOut.progress();
  }

  #watch(): void {
    this.#watched =
      this.#onFreeSlot !== undefined ||
      this.#drains.size > 0 ||
      this.#idle.size + this.#idleLeavingOut.size > 0;
  }
}
