import type { Drain, DrainHost } from '../drain/drain.ts';
import { Drains } from '../drain/drains.ts';
import type { Work } from '../drain/left-out.ts';
import { PendingLimitError, SchedulerClosedError } from '../errors.ts';
import { callSite, debugging, type ExceptionContext } from '../exceptions.ts';
import { Group } from '../group.ts';
import type { Job, JobContext, JobFunction } from '../job.ts';
import type { Cancellation } from '../job/cancellation.ts';
import { type JobHost, JobRecord } from '../job/record.ts';
import { cancel, drop } from '../job/settle.ts';
import type { SelfSettling } from '../job/start.ts';
import {
  noJobOptions,
  type ResolvedDrainOptions,
  type ResolvedJobOptions,
  type ResolvedSchedulerOptions,
} from '../options.ts';
import { Shield } from '../shield.ts';
import { isThenable } from '../util/check.ts';
import { type Deferred, observedDeferred, type ObservedPromise } from '../util/observed-promise.ts';
import { Clock } from './clock.ts';
import { Failures } from './failures.ts';
import { shapeAnchor } from './shape-anchor.ts';
import { Shields } from './shields.ts';
import { SignalLinks } from './signal-links.ts';
import { Slots } from './slots.ts';
import { sharedContext } from './spawn-context.ts';

/** What a scheduler is inside: owns its jobs, shields and drains. Arguments come checked. */
export class Pool implements JobHost, DrainHost {
  readonly closeTimeout: number;
  readonly slots: Slots;
  /** True from the cancelling step of a close on: nothing is accepted. */
  closed = false;
  readonly #failures: Failures;
  readonly #clock = new Clock();
  /** Of the jobs that were spawned on the scheduler itself, and not through a server. */
  readonly #ungrouped = new Group(this);
  readonly #links = new SignalLinks();
  readonly #drains: Drains = new Drains(this, () => {
    this.#watch();
    this.#onFreeSlot?.();
  });
  readonly #shields: Shields = new Shields(
    (shield) => {
      this.#drains.shieldEnded(shield);
    },
    (error) => {
      this.#failures.shieldFailed(error);
    },
  );
  readonly #debugging = debugging();
  readonly #anchor = shapeAnchor(this.#ungrouped);
  #onFreeSlot: (() => void) | undefined;
  /** Whether anything has to hear of the end of each job: a drain, an `idle()`, the listener for free slots. */
  #watched = false;

  constructor(
    options: ResolvedSchedulerOptions<never>,
    report: (context: ExceptionContext) => void,
  ) {
    this.closeTimeout = options.closeTimeout;
    this.#failures = new Failures(report);
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
    return this.#drains.signal;
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
    fn: JobFunction<T> | SelfSettling,
    options: ResolvedJobOptions,
    group: Group = this.#ungrouped,
  ): Promise<JobRecord<T>> {
    const refusal = this.#refusal(options);
    if (refusal !== undefined) return this.#failures.refuse(observedDeferred(), refusal.reason);
    const job = this.#make(fn, options, group);
    if (this.slots.hasRoom(options.after !== undefined)) this.slots.accept(job);
    // This read also tells V8 the shape of the job, without which the promise looks up whether it has a `then`.
    return job.ordinal > 0 ? Promise.resolve(job) : this.#waitForRoom(job);
  }

  spawnNow<T>(
    fn: JobFunction<T> | SelfSettling,
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
    const followed = isThenable(work) ? Promise.resolve(work) : work;
    if (typeof followed === 'function' && (this.closed || signal?.aborted === true)) {
      const refusal = this.closed ? new SchedulerClosedError() : signal?.reason;
      return this.#failures.refuse(observedDeferred<T>(), refusal);
    }
    this.slots.lastId += 1;
    return this.#shields.add(followed, signal, group, this.slots.lastId) as Promise<T>;
  }

  idle(signal: AbortSignal | undefined, from: readonly JobContext[]): Promise<void> {
    const idle = this.#drains.idle(signal, from);
    this.#watch();
    return idle;
  }

  /** A drain of a group, or of everything; a `held` one is not over before its `release()`. */
  drain(options: ResolvedDrainOptions & { group?: Group | undefined; held?: boolean }): Drain {
    this.#watched = true;
    return this.#drains.drain(options);
  }

  waitAndClose(options: ResolvedDrainOptions): Drain {
    this.#watched = true;
    return this.#drains.waitAndClose(options);
  }

  close(from: readonly JobContext[]): Drain {
    const drain = this.waitAndClose({ timeout: 0, closeTimeout: this.closeTimeout, from });
    drain.endGrace();
    return drain;
  }

  /** A further call waits for the drain, and is left out by it. */
  join(drain: Drain, from: readonly JobContext[]): void {
    this.#drains.join(drain, from);
  }

  has(work: Job | Work): boolean {
    if (work instanceof Shield) return this.#shields.has(work);
    return work instanceof JobRecord && work.owner.host === this && !work.closed;
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
    else if (job.ordinal === 0) this.#refuseWaiting(job, cancellation, cancellation.reason);
    else drop(job, cancellation);
  }

  failed(job: JobRecord): void {
    this.#failures.jobFailed(job);
  }

  ended(job: JobRecord, started: boolean): void {
    this.slots.remove(job, started);
    job.owner.jobs -= 1;
    if (!this.#watched) {
      this.slots.fill();
      return;
    }
    // A job without an id never was one: its `spawn()` still waited for room.
    if (job.ordinal > 0) this.#drains.jobEnded(job);
    this.slots.fill();
    this.#drains.progress();
    this.#onFreeSlot?.();
  }

  // DrainHost

  countWork(group: Group | undefined): number {
    if (group !== undefined) return group.jobs + group.shields;
    return this.size + this.slots.admission.waiting.size + this.#shields.size;
  }

  countShields(group: Group | undefined): number {
    return group === undefined ? this.#shields.size : group.shields;
  }

  runningJobs(group: Group | undefined): JobRecord[] {
    return this.#inGroup(group, [this.slots.active]);
  }

  openShields(group: Group | undefined): Shield[] {
    return this.#shields.of(group);
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
      // There may be 100,000, and this code has not run before: not compiled, `for…of` allocates for each.
      pending.forEach((job) => {
        if (!spared(job)) this.cancel(job, cancellation);
      });
    });
  }

  stop(): void {
    this.closed = true;
    this.slots.stop();
  }

  abandoned(job: JobRecord): void {
    this.#failures.jobAbandoned(job);
  }

  #make<T>(fn: JobFunction<T> | SelfSettling, options: ResolvedJobOptions, group: Group): JobRecord<T> {
    const job = new JobRecord<T>(group, fn, options, undefined);
    group.jobs += 1;
    if (this.#debugging) job.extend().sourceStack = callSite();
    if (options !== noJobOptions) {
      if (options.signal !== undefined) this.#links.add(options.signal, job);
      if (options.after !== undefined) this.#block(job, options.after);
    }
    return job;
  }

  #waitForRoom<T>(job: JobRecord<T>): Promise<JobRecord<T>> {
    const admission = observedDeferred<JobRecord<T>>();
    job.extend().admission = admission as Deferred<JobRecord, ObservedPromise<JobRecord>>;
    this.slots.waitForRoom(job);
    return admission.promise;
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

  /** Ends a `spawn()` that waits for room. */
  #refuseWaiting(job: JobRecord, cancellation: Cancellation, reason: unknown): void {
    const admission = job.extras?.admission as Deferred<JobRecord, ObservedPromise<JobRecord>>;
    const { context } = job;
    const refuse = (): void => {
      void this.#failures.refuse(admission, reason);
    };
    drop(job, cancellation);
    if (context === undefined) refuse();
    else context.runInAsyncScope(refuse);
  }

  #inGroup(
    group: Group | undefined,
    lists: readonly { addTo(snapshot: JobRecord[]): void }[],
  ): JobRecord[] {
    const jobs: JobRecord[] = [];
    for (const list of lists) list.addTo(jobs);
    return group === undefined ? jobs : jobs.filter((job) => job.owner === group);
  }

  #watch(): void {
    this.#watched = this.#onFreeSlot !== undefined || this.#drains.watching;
  }
}
