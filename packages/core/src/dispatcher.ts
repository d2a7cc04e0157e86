import { AsyncResource } from 'node:async_hooks';
import { Cancellation } from './cancellation.ts';
import { armTimeout, type Job } from './job.ts';
import { JobList } from './job-list.ts';
import { PendingQueue } from './pending-queue.ts';
import { contextsAreFrames } from './work-scope.ts';

// Every so many starts the oldest job is taken whatever its priority, so that none starves.
const fairEvery = 16;

// A job that spawns its successor before it ends could run for ever without one turn of the event
// loop in between: after this many starts in one turn the next waits for the following turn.
const startsPerTurn = 1_000;

// Taken once, so that fake timers in a user's tests cannot stall the queue.
const nextTurn = setImmediate;

/** Decides which job gets a slot, a place among the pending, or has to wait for one. */
export class Dispatcher {
  readonly active: JobList = new JobList();
  readonly pending: PendingQueue = new PendingQueue();
  /** Jobs whose `spawn()` waits for room: no jobs yet to anybody else. */
  readonly line: JobList = new JobList();
  readonly pendingLimit: number;
  lastId = 0;
  /** Epoch ms of the first job; the times of all count from it. */
  origin: number = NaN;
  /** Whether an exception handler may have to be told of a job that has started, in the job's context. */
  readonly #keepsContexts: boolean;
  #limit: number;
  #paused = false;
  #stopped = false;
  #starts = 0;
  #pumping = false;
  /** The newest job that was there when the limit was raised or the scheduler resumed. */
  #startedAtOnce = 0;
  #startsThisTurn = 0;
  #nextTurn: NodeJS.Immediate | undefined;
  #heldUntilNextTurn = false;
  readonly #onNextTurn = (): void => {
    this.#startsThisTurn = 0;
    this.#nextTurn = undefined;
    if (!this.#heldUntilNextTurn) return;
    this.#heldUntilNextTurn = false;
    this.pump();
  };

  constructor(limit: number, pendingLimit: number, keepsContexts: boolean) {
    this.#limit = limit;
    this.pendingLimit = pendingLimit;
    this.#keepsContexts = keepsContexts;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
    this.#pumpAtOnce();
  }

  /** How many jobs spawned now would start at once. */
  get freeSlots(): number {
    if (this.#paused || this.#stopped) return 0;
    const waiting = this.pending.ready + this.line.size;
    return Math.max(0, this.#limit - this.active.size - waiting);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#pumpAtOnce();
  }

  /** No function starts any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Whether a new job need not wait for room. */
  hasRoom(blocked: boolean): boolean {
    return this.#firstInLine() === undefined && this.#roomFor(blocked);
  }

  /** Makes the job one of the scheduler's: it starts if it can, else it is pending. */
  accept(job: Job): void {
    this.lastId += 1;
    job._id = this.lastId;
    const now = this.#now();
    job._spawnedAt = now;
    if (job._blocked) this.pending.block(job);
    else if (this.#isFree() && this.pending.ready === 0) {
      if (contextsAreFrames || this.#keepsContexts)
        job._context ??= new AsyncResource('OutliveJob');
      this.#start(job, now);
      return;
    } else this.pending.push(job);
    // Elsewhere the job would see the context of whoever frees its slot.
    job._context ??= new AsyncResource('OutliveJob');
  }

  /** Puts a job into the line for room. */
  enlist(job: Job): void {
    job._context ??= new AsyncResource('OutliveJob');
    this.line.push(job);
    this.pump();
  }

  /** The job's `after` has settled. */
  unblock(job: Job): void {
    if (job._state !== 'pending') return;
    const extras = job._extend();
    extras.blocked = false;
    if (job._id > 0) {
      extras.released = true;
      this.pending.release(job);
    }
    this.pump();
  }

  /** Takes a job that has ended, or never starts, out of its list. */
  remove(job: Job, started: boolean): void {
    if (started) this.active.remove(job);
    else if (job._id === 0) this.line.remove(job);
    else this.pending.remove(job);
  }

  /** Nothing starts, and nobody in the line gets room, before the change is complete. */
  atOnce(change: () => void): void {
    const pumping = this.#pumping;
    this.#pumping = true;
    try {
      change();
    } finally {
      this.#pumping = pumping;
    }
    this.pump();
  }

  /** Fills free slots and freed places. */
  pump(): void {
    if (this.#pumping || this.#heldUntilNextTurn) return;
    if (this.pending.ready === 0 && this.line.head === undefined) return;
    this.#pumping = true;
    try {
      while (!this.#heldUntilNextTurn) {
        this.#admit();
        if (!this.#isFree()) return;
        const job = this.pending.next((this.#starts + 1) % fairEvery === 0);
        if (job === undefined) return;
        if (this.#cancelledByNow(job)) continue;
        this.pending.remove(job);
        this.#start(job, this.#now());
      }
    } finally {
      this.#pumping = false;
    }
  }

  #isFree(): boolean {
    return this.active.size < this.#limit && !this.#paused && !this.#stopped;
  }

  #pumpAtOnce(): void {
    this.#startedAtOnce = this.lastId;
    this.#heldUntilNextTurn = false;
    this.pump();
    this.#startedAtOnce = 0;
  }

  #roomFor(blocked: boolean): boolean {
    if (!blocked && this.#isFree() && this.pending.ready === 0) return true;
    return this.pending.size < this.pendingLimit;
  }

  /** The waiting `spawn()` that nobody may overtake. */
  #firstInLine(): Job | undefined {
    let job = this.line.head;
    // Where none may be pending, a job held back by its `after` must not hold back the others.
    if (this.pendingLimit === 0) while (job?._blocked) job = job._next;
    return job;
  }

  /** Gives room to those in the line, in its order. */
  #admit(): void {
    for (
      let job = this.#firstInLine();
      job !== undefined && this.#roomFor(job._blocked) && !this.#heldUntilNextTurn;
      job = this.#firstInLine()
    ) {
      if (this.#cancelledByNow(job)) continue;
      this.line.remove(job);
      const admission = job._extras?.admission;
      this.accept(job);
      admission?.resolve(job);
    }
  }

  /** A listener on the same signal may have come here before the job's own was told. */
  #cancelledByNow(job: Job): boolean {
    const { signal } = job._options;
    if (signal?.aborted !== true) return false;
    job._cancel(new Cancellation(signal.reason));
    return true;
  }

  #start(job: Job, now: number): void {
    this.#starts += 1;
    if (this.#pumping && job._id > this.#startedAtOnce) this.#countStart();
    job._state = 'active';
    job._startedAt = now;
    this.active.push(job);
    const { timeout } = job._options;
    if (timeout !== Infinity) armTimeout(job, timeout);
    // Not through a closure, which would be one more thing to allocate for each job.
    if (job._context === undefined) job._startHere();
    else job._context.runInAsyncScope(job._start, job);
  }

  #now(): number {
    const now = Date.now();
    if (Number.isNaN(this.origin)) this.origin = now;
    const elapsed = now - this.origin;
    // As a small integer, if it is one: V8 would keep the difference of two doubles as a double, 16 bytes more.
    const small = elapsed | 0;
    return small === elapsed ? small : elapsed;
  }

  #countStart(): void {
    this.#startsThisTurn += 1;
    // One per turn: a second would grant the next turn twice as many starts, the one after it four times.
    this.#nextTurn ??= nextTurn(this.#onNextTurn).unref();
    if (this.#startsThisTurn < startsPerTurn) return;
    this.#heldUntilNextTurn = true;
    this.#nextTurn.ref();
  }
}
