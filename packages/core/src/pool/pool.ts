import { jobSettle } from '../events/channels.ts';
import { JobEvents } from '../events/job-events.ts';
import { SchedulerEvents } from '../events/scheduler-events.ts';
import type { Drain } from '../drain/drain.ts';
import { Drains } from '../drain/drains.ts';
import { SchedulerClosedError } from '../errors.ts';
import type { ExceptionContext } from '../exceptions.ts';
import { Group } from '../group.ts';
import type { Job, JobContext, JobFunction } from '../job.ts';
import type { Cancellation } from '../job/cancellation.ts';
import type { JobExtras, JobTeam } from '../job/extras.ts';
import { type JobHost, JobRecord } from '../job/record.ts';
import type { SelfSettling } from '../job/start.ts';
import type { ResolvedDrainOptions, ResolvedIdleOptions } from '../drain-options.ts';
import type { ResolvedJobOptions, ResolvedSchedulerOptions } from '../options.ts';
import type { SchedulerStats } from '../stats.ts';
import { Clock } from './clock.ts';
import { Failures } from './failures.ts';
import { JobMaker } from './job-maker.ts';
import { makeSlots } from './make-slots.ts';
import { PoolWork } from './pool-work.ts';
import { noRoom, refusalOf } from './refusal.ts';
import { Retries } from './retries.ts';
import { shapeAnchor } from './shape-anchor.ts';
import { Shields } from './shields.ts';
import type { Slots } from './slots.ts';
import type { StartGate } from './start-gate.ts';
import { statsOf } from './stats-of.ts';

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
  readonly work: PoolWork;
  readonly #drains: Drains;
  readonly #maker: JobMaker;
  readonly events: JobEvents;
  /** A close is to follow the drains: what brings jobs from elsewhere brings none in between. */
  closesSoon = false;
  #onFreeSlot: (() => void) | undefined;
  /** Whether anything has to hear of the end of each job: a drain, an `idle()`, the listener for free slots. */
  #watched = false;

  constructor(
    options: ResolvedSchedulerOptions<never>,
    report: (context: ExceptionContext) => void,
    scheduler: object,
  ) {
    this.closeTimeout = options.closeTimeout;
    this.events = new JobEvents(scheduler, this.#clock);
    this.shapeAnchor = shapeAnchor(this.#ungrouped);
    this.failures = new Failures(report);
    const { slots, contexts, keys } = makeSlots(options, {
      failures: this.failures,
      clock: this.#clock,
      events: this.events,
      scheduler,
      onAllowed: () => {
        slots.fill();
        this.#onFreeSlot?.();
      },
    });
    this.slots = slots;
    const unblock = (job: JobRecord): void => {
      if (job.phase === 'pending' && job.extras?.team?.admits(job) !== false)
        this.slots.unblock(job);
    };
    const retries = new Retries(this.slots, contexts, {
      drains: (owner) => this.#drains.waitFor(owner),
      unblock,
      events: this.events,
      onFreeSlot: () => this.#onFreeSlot?.(),
    });
    this.#maker = new JobMaker(unblock, keys, retries);
    this.#shields = new Shields((shield) => {
      this.#drains.shieldEnded(shield);
    }, this.failures);
    const events = new SchedulerEvents(scheduler);
    this.work = new PoolWork(this, this.slots, this.#shields, this.failures, retries, events);
    this.#drains = new Drains(this.work, events, () => {
      this.#watch();
      this.#onFreeSlot?.();
    });
  }

  /** Whether nothing is accepted any more. */
  get closed(): boolean {
    return this.work.stopped;
  }

  get epoch(): number {
    return this.#clock.epoch;
  }

  get stats(): SchedulerStats {
    return statsOf(this.slots, this.work, this.events.counts);
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

  /** Called when a slot may have become free, and when a drain is over. */
  set onFreeSlot(listener: (() => void) | undefined) {
    this.#onFreeSlot = listener;
    this.#watch();
  }

  /** Part of the work, drained on its own. */
  newGroup(): Group {
    return new Group(this);
  }

  spawn<T>(
    fn: JobFunction<T> | SelfSettling,
    options: ResolvedJobOptions,
    group: Group = this.#ungrouped,
    team?: JobTeam<JobRecord>,
  ): Promise<JobRecord<T>> {
    const refusal = refusalOf(this.closed, options);
    if (refusal !== undefined) {
      return this.failures.refused(this.events.refused(refusal.reason, options, fn));
    }
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
    const closed = refusalOf(this.closed, options);
    const refusal = closed ?? (ignorePendingLimit ? undefined : noRoom(this.slots, options, team));
    if (refusal !== undefined) throw this.events.refused(refusal.reason, options, fn);
    const job = this.#maker.make<T>(fn, options, group, team);
    this.slots.accept(job);
    return job;
  }

  shield<T>(
    work: PromiseLike<T> | JobFunction<T>,
    signal: AbortSignal | undefined,
    group: Group = this.#ungrouped,
  ): Promise<T> {
    const refusal = this.closed ? new SchedulerClosedError() : undefined;
    return this.work.shields.shield(work, signal, group, refusal, this.slots) as Promise<T>;
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
    return job instanceof JobRecord && this.work.has(job);
  }

  /** The live jobs of a group, or all, oldest first. */
  jobsOf(group?: Group): JobRecord[] {
    return this.work.liveJobs(group);
  }

  cancel(job: JobRecord, cancellation: Cancellation): void {
    this.work.cancel(job, cancellation);
  }

  failed(job: JobRecord, error: unknown): void {
    this.failures.jobFailed(job, error);
  }

  cancelled(job: JobRecord): void {
    this.events.cancelled(job);
  }

  ended(job: JobRecord, started: boolean): void {
    this.slots.remove(job, started);
    job.owner.jobs -= 1;
    const { extras } = job;
    if (extras !== undefined || job.phase !== 'completed') this.events.ended(job, started);
    if (jobSettle.hasSubscribers) this.events.settled(job);
    if (!this.#watched) {
      if (extras !== undefined) this.#leave(job, extras);
      this.slots.fill();
      return;
    }
    // A job without an id never was one: its `spawn()` still waited for room.
    if (job.ordinal > 0) this.#drains.jobEnded(job);
    if (extras !== undefined) this.#leave(job, extras);
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

  #watch(): void {
    this.#watched = this.#onFreeSlot !== undefined || this.#drains.watching;
  }
}
