import type { Rate, Setup } from './actions.ts';
import type { ModelClock, ModelTimer } from './model-clock.ts';
import { ModelKeys } from './model-keys.ts';
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
  closed(job: ModelJob): void;
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
  readonly #keys: ModelKeys;
  #rate: Rate | undefined;
  /** Of as many starts as the rate allows in its time. */
  #startTimes: number[] = [];
  #rateTimer: ModelTimer | undefined;

  constructor(setup: Setup, clock: ModelClock, host: Host) {
    this.limit = setup.limit;
    this.#pendingLimit = setup.pendingLimit;
    this.#keys = new ModelKeys(setup);
    this.#rate = setup.rate;
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

  setRate(rate: Rate | undefined): void {
    this.#endRate();
    if (rate === undefined) this.#startTimes = [];
    else this.#startTimes = this.#startTimes.slice(-rate.starts);
    this.#rate = rate;
    this.changed();
  }

  /** The limit is another one, or it was paused, or resumed. */
  changed(): void {
    this.pump();
    this.#watchRate();
  }

  /** Nothing starts any more. */
  stop(): void {
    this.closed = true;
    this.#endRate();
  }

  /** Without the right to wait it may say no. */
  spawn(job: ModelJob, mayWait: boolean): boolean {
    const { group } = job;
    const isInside = group?.inside !== undefined;
    if (!isInside && !mayWait) {
      if (this.#firstInLine !== undefined) return false;
      const hasToWait = job.blocked || group?.isFull === true;
      if (this.pending.length >= this.#pendingLimit && (hasToWait || !this.#startsAtOnce(job)))
        return false;
    }
    if (!isInside) this.#keys.enter(job);
    group?.enter(job);
    job.signal?.jobs.add(job);
    job.signal?.listeners.add(job.signal.cancelJobs);
    if (group !== undefined && !job.blocked) job.blocked = !group.admits(job);
    if (isInside || !mayWait || (this.#firstInLine === undefined && this.#roomFor(job))) {
      this.#accept(job);
    } else {
      this.line.push(job);
      this.pump();
    }
    return true;
  }

  /** What it waited for is over, but for a place in its group. */
  unblock(job: ModelJob): void {
    if (job.state !== 'pending' && job.state !== 'waiting') return;
    if (job.group?.admits(job) !== false) this.unblockNow(job);
  }

  unblockNow(job: ModelJob): void {
    if (job.state !== 'pending' && job.state !== 'waiting') return;
    job.blocked = false;
    this.pump();
  }

  pump(): void {
    if (this.#pumping || this.#ready.length + this.line.length === 0) return;
    this.#pumping = true;
    for (;;) {
      this.#admit();
      const job = this.#next();
      if (job === undefined) break;
      if (job.signal?.reason === undefined) {
        drop(this.pending, job);
        this.#start(job);
      } else this.cancel(job, job.signal.reason);
    }
    this.#pumping = false;
    this.#watchRate();
  }

  /** Nothing starts before the change is complete. */
  atOnce(change: () => void): void {
    const pumping = this.#pumping;
    this.#pumping = true;
    change();
    this.#pumping = pumping;
    this.pump();
  }

  cancel(job: ModelJob, reason: string, shutDown = false): void {
    if (job.reason !== undefined || job.state === 'closed') return;
    switch (job.state) {
      case 'waiting':
        job.shutDown = shutDown;
        this.refuse(job, reason);
        return;
      case 'pending':
        job.reason = reason;
        job.shutDown = shutDown;
        this.#end(job, 'cancelled', rejection(`cancelled by ${reason}`));
        this.#host.tell(job);
        return;
      case 'active':
        job.reason = reason;
        job.shutDown = shutDown;
        job.state = 'closing';
        this.clock.clear(job.timer);
        this.#host.tell(job);
        for (const group of job.insideGroups) group.noticeAbort();
        return;
      case 'closing':
      case 'refused':
        return;
      default:
        job.state satisfies never;
    }
  }

  /** Ends a `spawn()` that waits for room. */
  refuse(job: ModelJob, refusal: string, shutDownReason?: string): void {
    if (job.state !== 'waiting') return;
    job.state = 'refused';
    job.outcome = 'cancelled';
    job.reason = shutDownReason ?? refusal;
    if (shutDownReason !== undefined) job.shutDown = true;
    this.#leave(job);
    this.#watchRate();
    this.#keys.leave(job);
    job.group?.ended(job, rejection(`cancelled by ${job.reason}`));
    this.pump();
    this.progress();
    job.spawned.settle(rejection(refusal));
  }

  /** A drain begins. */
  hurry(): void {
    this.atOnce(() => {
      for (const job of this.pending.slice()) {
        if (job.attempt === 1) continue;
        job.retriesLeft = 0;
        if (!job.inBackOff) continue;
        job.inBackOff = false;
        this.clock.clear(job.timer);
        this.unblock(job);
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
    job.inBackOff = !isLast && delay > 0;
    job.blocked = job.inBackOff;
    if (job.inBackOff) {
      job.timer = this.clock.arm(delay, () => {
        job.inBackOff = false;
        this.unblock(job);
      });
    }
    drop(this.active, job);
    this.#keys.count(job, -1);
    this.pending.push(job);
    if (job.inBackOff) job.group?.postponed(job);
    this.pump();
  }

  /** The function has settled. */
  settled(job: ModelJob, outcome: Outcome): void {
    const { retry } = job.action;
    if (outcome.rejects && retry !== undefined && job.extensions > 0) {
      job.onRelease = () => this.settled(job, outcome);
      return;
    }
    if (outcome.rejects && retry && job.retriesLeft > 0 && job.state === 'active') {
      this.#postpone(job, retry.delay);
      return;
    }
    if (!outcome.rejects) {
      this.#over(job, 'completed', outcome);
    } else if (job.reason !== undefined && (outcome.aborts || outcome.what === job.reason)) {
      this.#over(job, 'cancelled', rejection(`cancelled by ${job.reason}`));
    } else {
      this.clock.atEndOfTurn(() => {
        if (job.waiters === 0) this.reportFailure(job, outcome.what);
      });
      this.#over(job, 'failed', outcome);
    }
  }

  reportFailure(job: ModelJob, what: string): void {
    this.#host.report('Job processing failed', what, job);
  }

  /** One of the groups inside it has no jobs any more. */
  release(job: ModelJob): void {
    job.extensions -= 1;
    if (job.extensions > 0) return;
    const { onRelease } = job;
    job.onRelease = undefined;
    onRelease?.();
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

  /** Neither paused nor closed nor held back by the rate. */
  get #open(): boolean {
    return !this.paused && !this.closed && this.clock.now >= this.#rateAllowsAt;
  }

  get #rateAllowsAt(): number {
    if (this.#rate === undefined || this.#startTimes.length < this.#rate.starts) return -Infinity;
    return (this.#startTimes[0] as number) + this.#rate.per;
  }

  get #hasSlot(): boolean {
    return this.active.filter((job) => !isSlotless(job)).length < this.limit;
  }

  /** The pending jobs that wait for nothing but a slot. */
  get #ready(): ModelJob[] {
    return this.pending.filter((job) => !job.blocked && !this.#keys.isFull(job));
  }

  /** The waiting `spawn()` that nobody may overtake. */
  get #firstInLine(): ModelJob | undefined {
    // Where none may be pending, a job that waits for its `after` or its key lets others pass.
    return this.line.find(
      (job) => this.#pendingLimit > 0 || (!job.blocked && !this.#keys.isFull(job)),
    );
  }

  #startsAtOnce(job: ModelJob): boolean {
    if (job.blocked || !this.#open) return false;
    const ready = this.#ready;
    if (isSlotless(job)) return !ready.some(isSlotless);
    return this.#hasSlot && ready.length === 0 && !this.#keys.isFull(job);
  }

  #roomFor(job: ModelJob): boolean {
    return this.#startsAtOnce(job) || this.pending.length < this.#pendingLimit;
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
    if (!this.#open) return undefined;
    let ready = this.#ready;
    if (ready.some(isSlotless)) ready = ready.filter(isSlotless);
    else if (!this.#hasSlot) return undefined;
    const oldest = (this.#starts + 1) % 16 === 0;
    const turn = (job: ModelJob): number => (isSlotless(job) ? 0 : this.#keys.turn(job));
    const order = (a: ModelJob, b: ModelJob): number =>
      b.action.priority - a.action.priority || turn(a) - turn(b) || a.id - b.id;
    return ready.toSorted(oldest ? (a, b) => a.id - b.id : order).at(0);
  }

  #accept(job: ModelJob): void {
    this.lastId += 1;
    job.id = this.lastId;
    job.spawnedAt = this.clock.now;
    const startsAtOnce = this.#startsAtOnce(job);
    job.state = 'pending';
    if (startsAtOnce) this.#start(job);
    else {
      this.pending.push(job);
      this.#watchRate();
    }
    job.spawned.settle(value(`job ${job.id}`));
  }

  #start(job: ModelJob): void {
    this.#starts += 1;
    job.state = 'active';
    job.startedAt = this.clock.now;
    this.active.push(job);
    this.#keys.count(job, 1);
    const { timeout } = job.action;
    if (timeout !== Infinity) {
      job.timer = this.clock.arm(timeout, () => this.cancel(job, 'ERR_JOB_TIMEOUT'));
    }
    if (this.#rate !== undefined) {
      this.#startTimes = [...this.#startTimes, this.clock.now].slice(-this.#rate.starts);
    }
    this.#host.run(job);
  }

  /** The function has ended, and the job with it unless a group inside it has jobs. */
  #over(job: ModelJob, outcome: NonNullable<ModelJob['outcome']>, result: Outcome): void {
    if (job.extensions === 0) this.#end(job, outcome, result);
    else {
      job.onRelease = () => this.#end(job, outcome, result);
      job.ended.settle(result);
    }
  }

  #end(job: ModelJob, outcome: NonNullable<ModelJob['outcome']>, result: Outcome): void {
    const ran = job.state !== 'pending';
    job.state = 'closed';
    job.outcome = outcome;
    this.clock.clear(job.timer);
    this.#leave(job);
    if (ran) this.#keys.count(job, -1);
    else this.#watchRate();
    for (const drain of this.drains) drain.jobEnded(job);
    this.#keys.leave(job);
    job.group?.ended(job, result);
    this.pump();
    this.progress();
    for (const callback of job.onEnd) callback();
    job.ended.settle(result);
    this.#host.closed(job);
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

  /** There is a timer while the rate alone holds a job back. */
  #watchRate(): void {
    if (this.#rate === undefined) return;
    const ready = this.#ready;
    const waits = ready.length > 0 || this.#firstInLine !== undefined;
    const fits = this.#hasSlot || ready.some(isSlotless);
    if (!waits || !fits || this.paused || this.closed) {
      this.#endRate();
      return;
    }
    const delay = this.#rateAllowsAt - this.clock.now;
    if (this.#rateTimer !== undefined || delay <= 0) return;
    this.#rateTimer = this.clock.arm(delay, () => {
      this.#rateTimer = undefined;
      this.pump();
    });
  }

  #endRate(): void {
    this.clock.clear(this.#rateTimer);
    this.#rateTimer = undefined;
  }
}

function isSlotless({ group }: ModelJob): boolean {
  return group?.inside !== undefined;
}

function drop(list: ModelJob[], job: ModelJob): void {
  const index = list.indexOf(job);
  if (index >= 0) list.splice(index, 1);
}
