import type { Setup } from './actions.ts';
import type { ModelClock } from './model-clock.ts';
import {
  type ModelJob,
  type ModelPromise,
  type ModelShield,
  type ModelWork,
  type Outcome,
  rejection,
  value,
} from './model-work.ts';

/** What the functions of jobs do is not the scheduler's business. */
export interface Host {
  run(job: ModelJob): void;
  /** Tells a running function that it is cancelled. */
  tell(job: ModelJob): void;
  report(message: string, exception: string, job?: ModelJob): void;
}

/** A drain, as its scheduler knows it. */
export interface Draining {
  readonly final: boolean;
  readonly phase: 'grace' | 'cancelling' | 'settling' | 'done';
  readonly from: ReadonlySet<ModelWork>;
  spare(): void;
  jobEnded(job: ModelJob): void;
  progress(): void;
  finish(): void;
}

/** What a scheduler does, in plain lists, with no thought of speed. */
export class ModelScheduler {
  readonly line: ModelJob[] = [];
  readonly pending: ModelJob[] = [];
  readonly active: ModelJob[] = [];
  readonly shields = new Set<ModelShield>();
  readonly drains = new Set<Draining>();
  readonly idles = new Map<ModelPromise, ReadonlySet<ModelWork>>();
  /** Those that wait for a drain, a close or an `idle()`, and said so; in how many calls. */
  readonly #waiting = new Map<ModelWork, number>();
  readonly clock: ModelClock;
  readonly #host: Host;
  readonly #pendingLimit: number;
  limit: number;
  paused = false;
  closed = false;
  lastId = 0;
  #starts = 0;
  #pumping = false;

  constructor(setup: Setup, clock: ModelClock, host: Host) {
    this.limit = setup.limit;
    this.#pendingLimit = setup.pendingLimit;
    this.clock = clock;
    this.#host = host;
  }

  /** How much a call with this `from` has to wait for. */
  busy(from: ReadonlySet<ModelWork>): number {
    const all = [...this.active, ...this.pending, ...this.line, ...this.shields];
    return all.filter((work) => !this.leavesOut(from, work)).length;
  }

  /** A call that names nobody leaves nobody out; others do not wait for those that wait, wherever those do. */
  leavesOut(from: ReadonlySet<ModelWork>, work: ModelWork): boolean {
    return from.has(work) || (from.size > 0 && this.#waiting.has(work));
  }

  enter(from: Iterable<ModelWork>): void {
    for (const work of from) this.#waiting.set(work, (this.#waiting.get(work) ?? 0) + 1);
    for (const drain of this.drains) drain.spare();
  }

  leave(from: Iterable<ModelWork>): void {
    for (const work of from) {
      const calls = this.#waiting.get(work) ?? 0;
      if (calls > 1) this.#waiting.set(work, calls - 1);
      else this.#waiting.delete(work);
    }
  }

  /** All live jobs, oldest first. */
  get live(): ModelJob[] {
    return [...this.pending, ...this.active].toSorted((a, b) => a.id - b.id);
  }

  /** Without the right to wait it may say no. */
  spawn(job: ModelJob, mayWait: boolean): boolean {
    const first = this.#firstInLine === undefined && this.#roomFor(job);
    if (!first && !mayWait) return false;
    job.signal?.jobs.add(job);
    job.signal?.listeners.add(job.signal.cancelJobs);
    if (first) {
      this.#accept(job);
    } else {
      this.line.push(job);
      this.pump();
    }
    return true;
  }

  unblock(job: ModelJob): void {
    job.blocked = false;
    this.pump();
  }

  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    for (;;) {
      this.#admit();
      const job = this.#next();
      if (job === undefined || !this.#slotFree) break;
      if (job.signal?.reason === undefined) {
        drop(this.pending, job);
        this.#start(job);
      } else this.cancel(job, job.signal.reason);
    }
    this.#pumping = false;
  }

  /** Nothing starts before the change is complete. */
  atOnce(change: () => void): void {
    const pumping = this.#pumping;
    this.#pumping = true;
    change();
    this.#pumping = pumping;
    this.pump();
  }

  cancel(job: ModelJob, reason: string): void {
    if (job.reason !== undefined || job.state === 'closed') return;
    switch (job.state) {
      case 'waiting':
        this.refuse(job, reason);
        return;
      case 'pending':
        job.reason = reason;
        this.#end(job, 'cancelled', rejection(`cancelled by ${reason}`));
        this.#host.tell(job);
        return;
      case 'active':
        job.reason = reason;
        job.state = 'closing';
        this.clock.clear(job.timer);
        this.#host.tell(job);
        return;
      case 'closing':
      case 'refused':
        return;
      default:
        job.state satisfies never;
    }
  }

  /** Ends a `spawn()` that waits for room. */
  refuse(job: ModelJob, reason: string): void {
    if (job.state !== 'waiting') return;
    job.state = 'refused';
    this.#leave(job);
    job.spawned.settle(rejection(reason));
    this.pump();
    this.progress();
  }

  /** A drain begins. */
  hurry(): void {
    this.atOnce(() => {
      for (const job of this.pending) {
        if (job.attempt === 1) continue;
        job.retriesLeft = 0;
        this.clock.clear(job.timer);
        job.blocked = false;
      }
    });
  }

  #postpone(job: ModelJob, delay: number): void {
    const isLast = [...this.drains].some(({ phase }) => phase === 'grace');
    job.retriesLeft = isLast ? 0 : job.retriesLeft - 1;
    job.attempt += 1;
    job.state = 'pending';
    job.startedAt = undefined;
    this.clock.clear(job.timer);
    job.blocked = !isLast && delay > 0;
    if (job.blocked) job.timer = this.clock.arm(delay, () => this.unblock(job));
    drop(this.active, job);
    this.pending.push(job);
    this.pump();
  }

  /** The function has settled. */
  settled(job: ModelJob, outcome: Outcome): void {
    const { retry } = job.action;
    if (outcome.rejects && retry && job.retriesLeft > 0 && job.state === 'active') {
      this.#postpone(job, retry.delay);
    } else if (!outcome.rejects) {
      this.#end(job, 'completed', outcome);
    } else if (job.reason !== undefined && (outcome.aborts || outcome.what === job.reason)) {
      this.#end(job, 'cancelled', rejection(`cancelled by ${job.reason}`));
    } else {
      this.clock.atEndOfTurn(() => {
        if (job.waiters === 0) this.#host.report('Job processing failed', outcome.what, job);
      });
      this.#end(job, 'failed', outcome);
    }
  }

  shieldEnded(shield: ModelShield, outcome: Outcome): void {
    shield.signal?.listeners.delete(shield.giveUp);
    shield.over = true;
    this.shields.delete(shield);
    this.progress();
    shield.outer.settle(outcome);
    const obeyed = shield.cancelled && (outcome.aborts || outcome.what === 'ERR_JOB_CANCELLED');
    if (!outcome.rejects || obeyed || shield.followed) return;
    this.clock.atEndOfTurn(() => this.#host.report('Shielded work failed', outcome.what));
  }

  abandon(shield: ModelShield, reason: string): void {
    shield.followed = false;
    shield.signal?.listeners.delete(shield.giveUp);
    shield.outer.settle(rejection(reason));
  }

  drainEnded(drain: Draining): void {
    this.drains.delete(drain);
    if (drain.final) {
      for (const other of this.drains) other.finish();
      for (const idle of this.idles.keys()) this.endIdle(idle, rejection('ERR_SCHEDULER_CLOSED'));
      for (const shield of this.shields) this.abandon(shield, 'ERR_SCHEDULER_CLOSED');
    }
    this.#leaveLater(drain.from);
  }

  tellAbandoned(job: ModelJob): void {
    if (job.toldAbandoned) return;
    job.toldAbandoned = true;
    this.#host.report('Job closing timed out', 'ERR_JOB_TIMEOUT', job);
  }

  progress(): void {
    for (const drain of this.drains) drain.progress();
    for (const [idle, from] of this.idles) {
      if (this.busy(from) === 0) this.endIdle(idle, value('undefined'));
    }
  }

  endIdle(idle: ModelPromise, outcome: Outcome): void {
    const from = this.idles.get(idle) ?? [];
    this.idles.delete(idle);
    idle.settle(outcome);
    this.#leaveLater(from);
  }

  /** They wait until they are told. */
  #leaveLater(from: Iterable<ModelWork>): void {
    this.clock.later(1, () => this.leave(from));
  }

  get #slotFree(): boolean {
    return this.active.length < this.limit && !this.paused && !this.closed;
  }

  get #ready(): ModelJob[] {
    return this.pending.filter((job) => !job.blocked);
  }

  /** The waiting `spawn()` that nobody may overtake. */
  get #firstInLine(): ModelJob | undefined {
    // Where none may be pending, a job that waits for its `after` lets others pass.
    return this.line.find((job) => this.#pendingLimit > 0 || !job.blocked);
  }

  #roomFor(job: ModelJob): boolean {
    if (!job.blocked && this.#slotFree && this.#ready.length === 0) return true;
    return this.pending.length < this.#pendingLimit;
  }

  #admit(): void {
    for (let job = this.#firstInLine; job && this.#roomFor(job); job = this.#firstInLine) {
      if (job.signal?.reason === undefined) {
        drop(this.line, job);
        this.#accept(job);
      } else this.refuse(job, job.signal.reason);
    }
  }

  /** Whose turn it is. */
  #next(): ModelJob | undefined {
    const ready = this.#ready;
    const fair = (this.#starts + 1) % 16 === 0;
    const priorities = ready.map((job) => job.action.priority);
    const highest = fair ? -Infinity : Math.max(...priorities);
    return ready
      .filter((job) => job.action.priority >= highest)
      .toSorted((a, b) => a.id - b.id)
      .at(0);
  }

  #accept(job: ModelJob): void {
    this.lastId += 1;
    job.id = this.lastId;
    job.spawnedAt = this.clock.now;
    job.state = 'pending';
    if (!job.blocked && this.#slotFree && this.#ready.length === 0) this.#start(job);
    else this.pending.push(job);
    job.spawned.settle(value(`job ${job.id}`));
  }

  #start(job: ModelJob): void {
    this.#starts += 1;
    job.state = 'active';
    job.startedAt = this.clock.now;
    this.active.push(job);
    const { timeout } = job.action;
    if (timeout !== Infinity) {
      job.timer = this.clock.arm(timeout, () => this.cancel(job, 'ERR_JOB_TIMEOUT'));
    }
    this.#host.run(job);
  }

  #end(job: ModelJob, outcome: NonNullable<ModelJob['outcome']>, result: Outcome): void {
    job.state = 'closed';
    job.outcome = outcome;
    this.clock.clear(job.timer);
    this.#leave(job);
    for (const drain of this.drains) drain.jobEnded(job);
    this.pump();
    this.progress();
    job.ended.settle(result);
  }

  #leave(job: ModelJob): void {
    drop(this.line, job);
    drop(this.pending, job);
    drop(this.active, job);
    const { signal } = job;
    if (signal === undefined) return;
    signal.jobs.delete(job);
    if (signal.jobs.size === 0) signal.listeners.delete(signal.cancelJobs);
  }
}

function drop(list: ModelJob[], job: ModelJob): void {
  const index = list.indexOf(job);
  if (index >= 0) list.splice(index, 1);
}
