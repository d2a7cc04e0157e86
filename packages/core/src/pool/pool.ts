import type { Drain } from '../drain/drain.ts';
import { Drains } from '../drain/drains.ts';
import { PendingLimitError, SchedulerClosedError } from '../errors.ts';
import type { ExceptionContext } from '../exceptions.ts';
import { Group } from '../group.ts';
import type { Job, JobContext, JobFunction } from '../job.ts';
import type { Cancellation } from '../job/cancellation.ts';
import type { JobExtras, JobTeam } from '../job/extras.ts';
import { type JobHost, JobRecord } from '../job/record.ts';
import type { SelfSettling } from '../job/start.ts';
import type { ResolvedDrainOptions, ResolvedIdleOptions } from '../drain-options.ts';
import type { ResolvedJobOptions, ResolvedSchedulerOptions } from '../options.ts';
import { isThenable } from '../util/check.ts';
import { Admission } from './admission.ts';
import { Clock } from './clock.ts';
import { Failures } from './failures.ts';
import { JobContexts } from './job-contexts.ts';
import { JobMaker } from './job-maker.ts';
import { Keys, limitsKeys } from './keys.ts';
import { PoolWork } from './pool-work.ts';
import { Retries } from './retries.ts';
import { shapeAnchor } from './shape-anchor.ts';
import { Shields } from './shields.ts';
import { Slots } from './slots.ts';
import { StartGate } from './start-gate.ts';

/** What a scheduler is inside: owns its jobs, shields and drains. Arguments come checked. */
export class Pool implements JobHost {
  readonly closeTimeout: number;
  readonly slots: Slots;
  /** @see {@link shapeAnchor} */
  readonly shapeAnchor: JobRecord;
  readonly #clock = new Clock();
  /** Of the jobs that were spawned on the scheduler itself, and not through a server. */
  readonly #ungrouped = new Group(this);
  readonly failures: Failures;
  readonly #shields: Shields;
  readonly #work: PoolWork;
  readonly #drains: Drains;
  readonly #maker: JobMaker;
  #onFreeSlot: (() => void) | undefined;
  /** Whether anything has to hear of the end of each job: a drain, an `idle()`, the listener for free slots. */
  #watched = false;

  constructor(
    options: ResolvedSchedulerOptions<never>,
    report: (context: ExceptionContext) => void,
  ) {
    this.closeTimeout = options.closeTimeout;
    this.shapeAnchor = shapeAnchor(this.#ungrouped);
    this.failures = new Failures(report);
    const keys = limitsKeys(options) ? new Keys(options) : undefined;
    const admission = new Admission(options.pendingLimit, this.failures, keys);
    const contexts = new JobContexts(options.context);
    const gate = new StartGate(options, () => {
      this.slots.fill();
      this.#onFreeSlot?.();
    });
    const { pendingLimit } = options;
    this.slots = new Slots(gate, pendingLimit, this.#clock, admission, contexts, keys);
    const unblock = (job: JobRecord): void => {
      if (job.phase === 'pending' && job.extras?.team?.admits(job) !== false)
        this.slots.unblock(job);
    };
    const retries = new Retries(this.slots, contexts, {
      drains: (owner) => this.#drains.waitFor(owner),
      unblock,
      onFreeSlot: () => this.#onFreeSlot?.(),
    });
    this.#maker = new JobMaker(unblock, keys, retries);
    this.#shields = new Shields((shield) => {
      this.#drains.shieldEnded(shield);
    }, this.failures);
    this.#work = new PoolWork(this, this.slots, this.#shields, this.failures, retries);
    this.#drains = new Drains(this.#work, () => {
      this.#watch();
      this.#onFreeSlot?.();
    });
  }

  /** Whether nothing is accepted any more. */
  get closed(): boolean {
    return this.#work.stopped;
  }

  get epoch(): number {
    return this.#clock.epoch;
  }

  get size(): number {
    return this.slots.active.size + this.slots.pending.size;
  }

  get drainSignal(): AbortSignal {
    return this.#drains.signal;
  }

  /** Changes what holds jobs back, and starts what may start by that. */
  changeGate(change: (gate: StartGate) => void): void {
    this.slots.changeGate(change);
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
    team?: JobTeam<JobRecord>,
  ): Promise<JobRecord<T>> {
    const refusal = this.#refusal(options);
    if (refusal !== undefined) return this.failures.refused(refusal.reason);
    const job = this.#maker.make<T>(fn, options, group, team);
    this.slots.offer(job);
    // This read also tells V8 the shape of the job, without which the promise looks up whether it has a `then`.
    return job.ordinal > 0 ? Promise.resolve(job) : this.slots.waitForRoom(job);
  }

  spawnNow<T>(
    fn: JobFunction<T> | SelfSettling,
    options: ResolvedJobOptions,
    group: Group = this.#ungrouped,
    ignorePendingLimit = false,
    team?: JobTeam<JobRecord>,
  ): JobRecord<T> {
    const refusal = this.#refusal(options);
    if (refusal !== undefined) throw refusal.reason;
    if (!ignorePendingLimit && !this.slots.hasRoom(options, team)) {
      const { pendingLimit } = this.slots;
      throw new PendingLimitError(`No room for another job (pendingLimit ${pendingLimit})`);
    }
    const job = this.#maker.make<T>(fn, options, group, team);
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
      return this.failures.refused<T>(refusal);
    }
    this.slots.lastId += 1;
    return this.#shields.add(followed, signal, group, this.slots.lastId) as Promise<T>;
  }

  idle({ signal, from }: ResolvedIdleOptions): Promise<void> {
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

  close(from: readonly JobContext[], closeTimeout: number): Drain {
    const drain = this.waitAndClose({ timeout: 0, closeTimeout, from });
    drain.endGrace();
    return drain;
  }

  /** A further call waits for the drain, and is left out by it. */
  join(drain: Drain, from: readonly JobContext[]): void {
    this.#drains.join(drain, from);
  }

  has(job: Job): boolean {
    return job instanceof JobRecord && this.#work.has(job);
  }

  /** The live jobs of a group, or all, oldest first. */
  jobsOf(group?: Group): JobRecord[] {
    return this.#work.liveJobs(group);
  }

  cancel(job: JobRecord, cancellation: Cancellation): void {
    this.#work.cancel(job, cancellation);
  }

  failed(job: JobRecord, error: unknown): void {
    this.failures.jobFailed(job, error);
  }

  ended(job: JobRecord, started: boolean): void {
    this.slots.remove(job, started);
    job.owner.jobs -= 1;
    if (!this.#watched) {
      if (job.extras !== undefined) this.#leave(job, job.extras);
      this.slots.fill();
      return;
    }
    // A job without an id never was one: its `spawn()` still waited for room.
    if (job.ordinal > 0) this.#drains.jobEnded(job);
    if (job.extras !== undefined) this.#leave(job, job.extras);
    this.slots.fill();
    this.#drains.progress();
    this.#onFreeSlot?.();
  }

  #leave(job: JobRecord, extras: JobExtras<JobRecord>): void {
    this.slots.pending.keys?.leave(job);
    const { team } = extras;
    // What is reachable from a finished job is not its group.
    extras.team = undefined;
    team?.ended(job);
  }

  #refusal({ signal }: ResolvedJobOptions): { reason: unknown } | undefined {
    if (this.closed) return { reason: new SchedulerClosedError() };
    if (signal?.aborted) return { reason: signal.reason };
    return undefined;
  }

  #watch(): void {
    this.#watched = this.#onFreeSlot !== undefined || this.#drains.watching;
  }
}
