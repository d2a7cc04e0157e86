import type { JobExtras } from '../job/extras.ts';
import type { JobRecord } from '../job/record.ts';
import { jobSpawn, jobStart } from '../events/channels.ts';
import type { JobEvents } from '../events/job-events.ts';
import { start } from '../job/start.ts';
import { armTimeout } from '../job/timeout.ts';
import type { Admission } from './admission.ts';
import { cancelledByNow } from './cancelled-by-now.ts';
import type { Clock } from './clock.ts';
import type { JobContexts } from './job-contexts.ts';
import { JobList } from './job-list.ts';
import type { Keys } from './keys.ts';
import { PendingQueue } from './pending-queue.ts';
import type { StartGate } from './start-gate.ts';
import type { StallWatch } from './stall-watch.ts';
import { TurnBudget } from './turn-budget.ts';

// Every so many starts the oldest job is taken whatever its priority, so that none starves.
const fairEvery = 16;

/** Which job runs, which is pending, which waits for room, and whose turn is next. */
export class Slots {
  readonly active: JobList = new JobList();
  readonly pending: PendingQueue;
  readonly admission: Admission;
  readonly pendingLimit: number;
  /** The id of the newest job or shield. */
  lastId = 0;
  readonly clock: Clock;
  readonly contexts: JobContexts;
  readonly #budget: TurnBudget = new TurnBudget(() => {
    this.fill();
  });
  readonly gate: StartGate;
  readonly #events: JobEvents;
  readonly stalls: StallWatch;
  /** Under a rate: most schedulers have none, and shall not pay for it. */
  #isRated: boolean;
  #filling = false;
  /** Calls of functions, those of further attempts included. */
  starts = 0;
  /** Of those, the further attempts. */
  retried = 0;
  /** The newest job that was there when the limit was raised or the scheduler resumed: it needs no budget. */
  #startedAtOnce = 0;

  constructor(
    gate: StartGate,
    pendingLimit: number,
    clock: Clock,
    admission: Admission,
    contexts: JobContexts,
    keys: Keys | undefined,
    events: JobEvents,
    stalls: StallWatch,
  ) {
    this.stalls = stalls;
    this.pending = new PendingQueue(keys);
    this.#events = events;
    this.gate = gate;
    this.#isRated = gate.rate !== undefined;
    this.pendingLimit = pendingLimit;
    this.clock = clock;
    this.contexts = contexts;
    this.admission = admission;
  }

  /** How many jobs spawned now would start at once; or if so many ran. */
  free(running: number = this.active.size): number {
    return this.gate.free(running, this.pending.ready + this.admission.waiting.size);
  }

  /** Changes what holds jobs back, and starts what may start by that. */
  changeGate(change: (gate: StartGate) => void): void {
    change(this.gate);
    this.#isRated = this.gate.rate !== undefined;
    this.#startedAtOnce = this.lastId;
    this.#budget.spent = false;
    this.fill();
    this.#startedAtOnce = 0;
    if (this.#isRated) this.gate.watchRate(this);
  }

  /** Whether there is room for any new job. */
  get hasRoom(): boolean {
    return this.admission.waiting.size === 0 && this.pending.size < this.pendingLimit;
  }

  /** Accepts a new job if there is room: a job that has no id afterwards has to wait for it. */
  offer(job: JobRecord): void {
    if (this.admission.waiting.size > 0 && this.admission.first !== undefined) return;
    if (this.#startsAtOnce(job)) this.#start(job, this.#enter(job));
    else if (this.pending.size < this.pendingLimit) this.#pend(job);
  }

  /** Makes the job one of the pool's: it starts if it can, else it is pending. */
  accept(job: JobRecord): void {
    if (this.#startsAtOnce(job)) this.#start(job, this.#enter(job));
    else this.#pend(job);
  }

  waitForRoom<T>(job: JobRecord<T>): Promise<JobRecord<T>> {
    this.contexts.keep(job);
    const admitted = this.admission.enter(job);
    this.fill();
    return admitted;
  }

  /** The job's `after` has settled. */
  unblock(job: JobRecord): void {
    if (job.phase !== 'pending') return;
    job.extend().blocked = false;
    if (job.ordinal > 0) this.pending.release(job);
    else this.admission.unblocked(job);
    this.fill();
  }

  /** Takes a job that has ended, or never starts, out of its list. */
  remove(job: JobRecord, started: boolean): void {
    if (started) {
      this.active.remove(job);
      if (job.extras !== undefined) this.#count(job, -1);
      return;
    }
    if (job.ordinal === 0) this.admission.remove(job);
    else this.pending.remove(job);
    if (this.#isRated) this.gate.watchRate(this);
  }

  /** Nothing starts, and no waiting call gets room, before the change is complete. */
  fillAfter(change: () => void): void {
    const filling = this.#filling;
    this.#filling = true;
    try {
      change();
    } finally {
      this.#filling = filling;
    }
    this.fill();
  }

  /** Fills free slots and freed places. */
  fill(): void {
    if (this.#filling || this.#budget.spent) return;
    if (this.pending.ready + this.admission.waiting.size === 0) {
      if (this.stalls.hasTimer) this.stalls.update(this);
      return;
    }
    this.#filling = true;
    try {
      while (!this.#budget.spent) {
        if (this.admission.waiting.size > 0) this.#admit();
        const job = this.#next();
        if (job === undefined) return;
        if (cancelledByNow(job)) continue;
        this.pending.remove(job);
        this.#start(job, this.clock.now());
      }
    } finally {
      this.#filling = false;
      if (this.#isRated) this.gate.watchRate(this);
      this.stalls.update(this);
    }
  }

  #next(): JobRecord | undefined {
    if (!this.gate.isOpen) return undefined;
    return this.pending.next(
      (this.starts + 1) % fairEvery === 0,
      this.gate.hasSlot(this.active.size),
    );
  }

  get hasSlot(): boolean {
    return this.pending.ready === 0 && this.gate.hasSlot(this.active.size);
  }

  #startsAtOnce(job: JobRecord): boolean {
    return job.extras === undefined ? this.hasSlot : this.#specialStartsAtOnce(job, job.extras);
  }

  /** Apart, since most jobs are not special: what is short is compiled into what calls it. */
  #specialStartsAtOnce(job: JobRecord, { blocked, slotless }: JobExtras<JobRecord>): boolean {
    if (blocked) return false;
    if (slotless) return !this.pending.hasSlotless && this.gate.isOpen;
    return this.hasSlot && this.pending.keys?.holdsBack(job) !== true;
  }

  /** Gives the job its id and the time of its spawn; gives that time. */
  #enter(job: JobRecord): number {
    this.lastId += 1;
    job.ordinal = this.lastId;
    const now = this.clock.now();
    job.spawnTime = now;
    if (jobSpawn.hasSubscribers) job.extend().isNew = true;
    return now;
  }

  #pend(job: JobRecord): void {
    this.#enter(job);
    if (job.extras?.blocked === true) this.pending.block(job);
    else this.pending.push(job);
    this.contexts.keep(job);
    if (this.#isRated) this.gate.watchRate(this);
    this.stalls.update(this);
    if (job.extras?.isNew === true) this.#events.spawned(job);
  }

  /** Gives room to waiting calls, in their order. */
  #admit(): void {
    this.admission.admit(
      (job) =>
        !this.#budget.spent && (this.pending.size < this.pendingLimit || this.#startsAtOnce(job)),
      (job) => this.accept(job),
    );
  }

  #start(job: JobRecord, now: number): void {
    this.starts += 1;
    if (this.#filling && job.ordinal > this.#startedAtOnce) this.#budget.count();
    job.phase = 'active';
    job.startTime = now;
    this.active.push(job);
    const { timeout } = job.options;
    if (timeout !== Infinity) armTimeout(job, timeout);
    if (job.extras !== undefined) this.#count(job, 1);
    if (this.#isRated) this.gate.rate?.count(() => this.#call(job));
    else this.#call(job);
  }

  #call(job: JobRecord): void {
    if (jobStart.hasSubscribers) this.#events.starts(job, this.contexts);
    else if (job.context === undefined && !this.contexts.areShared) start(job);
    else this.contexts.run(job);
  }

  /** So many more run: one has started, or has ended. */
  #count(job: JobRecord, more: 1 | -1): void {
    const { slotless, isNew, attempt } = job.extend();
    if (slotless) this.gate.addSlotless(more);
    this.pending.count(job, more);
    if (more > 0 && attempt > 1) this.retried += 1;
    if (isNew) this.#events.spawned(job);
  }
}
