import type { JobRecord } from '../job/record.ts';
import type { Admission } from './admission.ts';
import { cancelledByNow } from './cancelled-by-now.ts';
import type { Clock } from './clock.ts';
import { JobList } from './job-list.ts';
import { PendingQueue } from './pending-queue.ts';
import type { SpawnContext } from './spawn-context.ts';
import type { StartRate } from './start-rate.ts';
import { Starter } from './starter.ts';
import { TurnBudget } from './turn-budget.ts';

/** Which job runs, which is pending, which waits for room, and whose turn is next. */
export class Slots {
  readonly active: JobList = new JobList();
  readonly pending: PendingQueue = new PendingQueue();
  readonly admission: Admission;
  readonly pendingLimit: number;
  /** The id of the newest job or shield. */
  lastId = 0;
  readonly #clock: Clock;
  readonly #starter: Starter;
  readonly #budget: TurnBudget = new TurnBudget(() => {
    this.fill();
  });
  #limit: number;
  #paused = false;
  #stopped = false;
  /** Paused, stopped or under a rate. */
  #restricted = false;
  #filling = false;
  /** The newest job that was there when the limit was raised or the scheduler resumed: it needs no budget. */
  #startedAtOnce = 0;

  constructor(
    limits: { readonly limit: number; readonly pendingLimit: number },
    clock: Clock,
    admission: Admission,
    sharedContext: (() => SpawnContext) | undefined,
  ) {
    this.#limit = limits.limit;
    this.pendingLimit = limits.pendingLimit;
    this.#clock = clock;
    this.#starter = new Starter(sharedContext);
    this.admission = admission;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
    this.#fillAtOnce();
  }

  get rate(): StartRate | undefined {
    return this.#starter.rate;
  }

  set rate(rate: StartRate | undefined) {
    this.rate?.end();
    this.#starter.rate = rate;
    this.#restrict();
    this.#fillAtOnce();
  }

  /** How many jobs spawned now would start at once. */
  get free(): number {
    if (this.#paused || this.#stopped) return 0;
    const waiting = this.pending.ready + this.admission.waiting.size;
    const free = Math.max(0, this.#limit - this.active.size - waiting);
    return this.rate === undefined ? free : this.rate.mostOf(free, waiting);
  }

  pause(): void {
    this.#paused = true;
    this.#restrict();
  }

  resume(): void {
    this.#paused = false;
    this.#restrict();
    this.#fillAtOnce();
  }

  /** No function starts any more. */
  stop(): void {
    this.#stopped = true;
    this.#restrict();
    this.rate?.end();
  }

  /** Whether a new job need not wait for room. */
  hasRoom(blocked: boolean): boolean {
    return this.admission.first === undefined && this.#roomFor(blocked);
  }

  /** Accepts a new job if there is room: a job that has no id afterwards has to wait for it. */
  offer(job: JobRecord): void {
    if (this.admission.waiting.size > 0 && this.admission.first !== undefined) return;
    const blocked = job.extras?.blocked === true;
    if (!blocked && this.#startsAtOnce()) this.#start(job, this.#enter(job));
    else if (this.pending.size < this.pendingLimit) this.#pend(job, blocked);
  }

  /** Makes the job one of the pool's: it starts if it can, else it is pending. */
  accept(job: JobRecord): void {
    const blocked = job.extras?.blocked === true;
    if (!blocked && this.#startsAtOnce()) this.#start(job, this.#enter(job));
    else this.#pend(job, blocked);
  }

  waitForRoom<T>(job: JobRecord<T>): Promise<JobRecord<T>> {
    this.#starter.keepContext(job);
    const admitted = this.admission.enter(job);
    this.fill();
    return admitted;
  }

  /** The job's `after` has settled. */
  unblock(job: JobRecord): void {
    if (job.phase !== 'pending') return;
    const extras = job.extend();
    extras.blocked = false;
    if (job.ordinal > 0) {
      extras.released = true;
      this.pending.release(job);
    }
    this.fill();
  }

  /** Takes a job that has ended, or never starts, out of its list. */
  remove(job: JobRecord, started: boolean): void {
    if (started) this.active.remove(job);
    else {
      if (job.ordinal === 0) this.admission.waiting.remove(job);
      else this.pending.remove(job);
      this.#watchRate();
    }
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
    if (this.pending.ready + this.admission.waiting.size === 0) return;
    this.#filling = true;
    try {
      while (!this.#budget.spent) {
        if (this.admission.waiting.size > 0) this.#admit();
        if (!this.#isFree()) return;
        const job = this.pending.next(this.#starter.isTurnOfOldest);
        if (job === undefined) return;
        if (cancelledByNow(job)) continue;
        this.pending.remove(job);
        this.#start(job, this.#clock.now());
      }
    } finally {
      this.#filling = false;
      this.#watchRate();
    }
  }

  #isFree(): boolean {
    return this.active.size < this.#limit && !(this.#restricted && this.#isHeldBack());
  }

  #isHeldBack(): boolean {
    return this.#paused || this.#stopped || this.rate?.allowsStart === false;
  }

  #restrict(): void {
    this.#restricted = this.#paused || this.#stopped || this.rate !== undefined;
    this.#watchRate();
  }

  /** The rate has a timer while it alone holds jobs back. */
  #watchRate(): void {
    const { rate } = this.#starter;
    if (rate === undefined) return;
    const waits = this.pending.ready > 0 || this.admission.first !== undefined;
    rate.watch(waits && this.active.size < this.#limit && !this.#paused && !this.#stopped);
  }

  /** Whether a job that is spawned now gets a slot now. */
  #startsAtOnce(): boolean {
    return this.pending.ready === 0 && this.#isFree();
  }

  /** Gives the job its id and the time of its spawn; gives that time. */
  #enter(job: JobRecord): number {
    this.lastId += 1;
    job.ordinal = this.lastId;
    const now = this.#clock.now();
    job.spawnTime = now;
    return now;
  }

  #pend(job: JobRecord, blocked: boolean): void {
    this.#enter(job);
    if (blocked) this.pending.block(job);
    else this.pending.push(job);
    this.#starter.keepContext(job);
    this.#watchRate();
  }

  #fillAtOnce(): void {
    this.#startedAtOnce = this.lastId;
    this.#budget.spent = false;
    this.fill();
    this.#startedAtOnce = 0;
  }

  #roomFor(blocked: boolean): boolean {
    if (!blocked && this.#startsAtOnce()) return true;
    return this.pending.size < this.pendingLimit;
  }

  /** Gives room to waiting calls, in their order. */
  #admit(): void {
    const { admission } = this;
    for (
      let job = admission.first;
      job !== undefined && this.#roomFor(job.extras?.blocked === true) && !this.#budget.spent;
      job = admission.first
    ) {
      if (cancelledByNow(job)) continue;
      admission.waiting.remove(job);
      this.accept(job);
      job.extras?.admitted?.resolve(job);
    }
  }

  #start(job: JobRecord, now: number): void {
    if (this.#filling && job.ordinal > this.#startedAtOnce) this.#budget.count();
    this.active.push(job);
    this.#starter.start(job, now);
  }
}
