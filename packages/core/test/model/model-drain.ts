import type { ModelTimer } from './model-clock.ts';
import type { Draining, ModelScheduler } from './model-scheduler.ts';
import { type ModelJob, ModelPromise, type ModelWork, type Outcome, value } from './model-work.ts';

/** One drain, or the close of the scheduler. */
export class ModelDrain implements Draining {
  readonly promise = new ModelPromise();
  readonly final: boolean;
  phase: 'grace' | 'cancelling' | 'settling' | 'done' = 'grace';
  readonly #scheduler: ModelScheduler;
  readonly #closeTimeout: number;
  #timer: ModelTimer | undefined;
  #lastId = Infinity;
  readonly #closing = new Set<ModelJob>();
  #completed = 0;
  #failed = 0;
  readonly #cancelled: number[] = [];
  readonly #neverStarted: number[] = [];

  /** Those that said that they wait for it. */
  readonly from = new Set<ModelWork>();

  constructor(scheduler: ModelScheduler, final: boolean, closeTimeout: number) {
    this.#scheduler = scheduler;
    this.final = final;
    this.#closeTimeout = closeTimeout;
  }

  join(from: readonly ModelWork[]): void {
    for (const work of from) this.from.add(work);
    this.spare();
  }

  /** A cancelled job that has begun to wait itself is not waited for any more. */
  spare(): void {
    for (const job of this.#closing) if (this.#leavesOut(job)) this.#closing.delete(job);
  }

  begin(timeout: number): void {
    if (timeout === 0) {
      this.cutShort();
      return;
    }
    this.progress();
    if (this.phase === 'grace') {
      this.#timer = this.#scheduler.clock.arm(timeout, () => this.cutShort());
    }
  }

  cutShort(): void {
    if (this.phase !== 'grace') return;
    const scheduler = this.#scheduler;
    scheduler.clock.clear(this.#timer);
    this.phase = 'cancelling';
    this.#lastId = scheduler.lastId;
    const reason = 'ERR_JOB_CANCELLED';
    if (this.final) scheduler.stop();
    const { line, pending, active, shields } = scheduler;
    const refusal = this.final ? 'ERR_SCHEDULER_CLOSED' : `cancelled by ${reason}`;
    scheduler.atOnce(() => {
      for (const job of line.slice()) scheduler.refuse(job, refusal, reason);
      for (const job of pending.toSorted((a, b) => a.id - b.id))
        if (this.#cancels(job)) scheduler.cancel(job, reason, true);
    });
    // What the listeners of pending jobs have spawned meanwhile is none of its business.
    const running = active.filter((job) => job.id <= this.#lastId);
    for (const job of running) if (!this.#leavesOut(job)) this.#closing.add(job);
    for (const job of running) if (this.#cancels(job)) scheduler.cancel(job, reason, true);
    for (const shield of shields) if (this.#cancels(shield)) shield.cancelled = true;
    // Cancelling may have let another drain close the scheduler, or a listener call close().
    if (this.#is('done')) return;
    this.phase = 'settling';
    this.progress();
    if (this.#is('settling')) {
      this.#timer = scheduler.clock.arm(this.#closeTimeout, () => this.finish());
    }
  }

  jobEnded(job: ModelJob): void {
    this.#closing.delete(job);
    if (job.id > this.#lastId || this.#leavesOut(job)) return;
    if (job.outcome === 'completed') this.#completed += 1;
    else if (job.outcome === 'failed') this.#failed += 1;
    else (job.startedAt === undefined ? this.#neverStarted : this.#cancelled).push(job.id);
  }

  progress(): void {
    if (this.phase === 'grace' && this.#scheduler.busy(this.from) === 0) {
      if (this.final) this.cutShort();
      else this.finish();
    } else if (this.#is('settling') && this.#openShields === 0) {
      if (this.#closing.size === 0) this.finish();
    }
  }

  finish(): void {
    if (this.phase === 'done') return;
    this.phase = 'done';
    const scheduler = this.#scheduler;
    scheduler.clock.clear(this.#timer);
    const shields = this.#openShields;
    const abandoned = this.#unsettled;
    scheduler.drainEnded(this);
    for (const job of abandoned) scheduler.tellAbandoned(job);
    this.promise.settle(this.#report(abandoned, shields));
  }

  /** The outcome for a `drain()` that has joined a close, which has bounds of its own. */
  outcomeWithin(limit: number): ModelPromise {
    if (this.phase === 'done' || limit >= this.#closeTimeout) return this.promise;
    const bounded = new ModelPromise();
    const timer = this.#scheduler.clock.arm(limit, () => {
      bounded.settle(this.#report(this.#unsettled, this.#openShields));
    });
    this.promise.follow((outcome) => {
      this.#scheduler.clock.clear(timer);
      bounded.settle(outcome);
    });
    return bounded;
  }

  get #unsettled(): readonly ModelJob[] {
    return this.#scheduler.active.filter(
      (job) => job.state === 'closing' && job.id <= this.#lastId && !this.#leavesOut(job),
    );
  }

  #report(abandoned: readonly ModelJob[], shields: number): Outcome {
    const ids = abandoned.map((job) => job.id);
    return value(
      `${this.#completed} completed, ${this.#failed} failed, cancelled [${list(this.#cancelled)}], neverStarted [${list(this.#neverStarted)}], abandoned [${list(ids)}], ${shields} shields`,
    );
  }

  /** For a phase that a call in between may have changed. */
  #is(phase: 'settling' | 'done'): boolean {
    return this.phase === phase;
  }

  get #openShields(): number {
    return [...this.#scheduler.shields].filter((shield) => !this.#leavesOut(shield)).length;
  }

  #leavesOut(work: ModelWork): boolean {
    return this.#scheduler.leavesOut(this.from, work);
  }

  /** A close cancels everything, those that wait for it too. */
  #cancels(work: ModelWork): boolean {
    return this.final || !this.#leavesOut(work);
  }
}

function list(ids: readonly number[]): string {
  return ids.toSorted((a, b) => a - b).join();
}
