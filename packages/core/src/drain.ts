import { Cancellation } from './cancellation.ts';
import {
  JobCancelledError,
  JobTimeoutError,
  SchedulerClosedError,
  withoutStack,
} from './errors.ts';
import type { Group } from './group.ts';
import type { Insider } from './insiders.ts';
import type { Job } from './job.ts';
import { type Deferred, deferred } from './observed-promise.ts';
import type { Scheduler } from './scheduler.ts';
import { Timer } from './timer.ts';
import { runInside } from './work-scope.ts';

/** What became of the work that a drain or a close met. */
export interface DrainReport {
  /** Jobs that ended by themselves during the call. */
  completed: number;
  failed: number;
  /** Were running, were cancelled (by anybody, before or during the call) and have settled. */
  cancelled: Job[];
  /** Were pending: their functions were never called. */
  neverStarted: Job[];
  /** Were cancelled and have not settled yet. */
  abandoned: Job[];
  /** Shielded work that has not settled yet. */
  shields: number;
}

/**
 * One drain or close of a scheduler, or of one group of its jobs: wait, cancel what is left, wait
 * again, report. A final one closes the scheduler in the cancelling step.
 */
export class Drain {
  readonly promise: Promise<DrainReport>;
  readonly #resolve: (report: DrainReport) => void;
  readonly #scheduler: Scheduler;
  readonly #group: Group | undefined;
  readonly #final: boolean;
  readonly #closeTimeout: number;
  /** Something outside, such as a server that has not closed yet, is waited for like a job. */
  #held: boolean;
  #quiet: Deferred<void> | undefined;
  #phase: 'grace' | 'cancelling' | 'settling' | 'done' = 'grace';
  #timer: Timer | undefined;
  /** The last job that was there when cancelling began; later ones are not this drain's. */
  #lastId = Infinity;
  readonly #closing = new Set<Insider>();
  readonly #report: DrainReport = {
    completed: 0,
    failed: 0,
    cancelled: [],
    neverStarted: [],
    abandoned: [],
    shields: 0,
  };

  constructor(
    scheduler: Scheduler,
    options: {
      group?: Group | undefined;
      final: boolean;
      closeTimeout: number;
      held?: boolean | undefined;
    },
  ) {
    this.#scheduler = scheduler;
    this.#group = options.group;
    this.#final = options.final;
    this.#closeTimeout = options.closeTimeout;
    this.#held = options.held ?? false;
    const { promise, resolve } = deferred<DrainReport>();
    this.promise = promise;
    this.#resolve = resolve;
  }

  get cancelling(): boolean {
    return this.#phase !== 'grace';
  }

  get over(): boolean {
    return this.#phase === 'done';
  }

  /** The jobs and shields from whose inside it is waited for. */
  readonly entered: Insider[] = [];

  /** Takes note of a caller that waits for the outcome, and of whom the call came from. */
  join(entered: readonly Insider[]): void {
    this.entered.push(...entered);
    for (const insider of entered) this.#closing.delete(insider);
  }

  /** Starts the grace; 0 leaves none. */
  begin(timeout: number): void {
    if (this.#phase !== 'grace') return;
    if (timeout === 0) {
      this.cutShort();
      return;
    }
    this.progress();
    if (this.#phase === 'grace') {
      this.#timer = new Timer(timeout, () => {
        this.cutShort();
      });
    }
  }

  /** Resolves when nothing but the hold is left to wait for, or the drain is over. */
  quiet(): Promise<void> {
    this.#quiet ??= deferred();
    this.progress();
    if (this.over) this.#quiet.resolve();
    return this.#quiet.promise;
  }

  /** What it was held for has come. */
  release(): void {
    this.#held = false;
    this.progress();
  }

  /** Ends the grace. */
  cutShort(): void {
    if (this.#phase !== 'grace') return;
    this.#phase = 'cancelling';
    this.#timer?.clear();
    this.#lastId = this.#scheduler._lastId;
    this.#cancelAll();
    // Cancelling runs the abort listeners of jobs, which may have ended this very drain.
    if (this.#is('done')) return;
    this.#phase = 'settling';
    this.progress();
    if (this.#is('settling')) {
      this.#timer = new Timer(this.#closeTimeout, () => {
        this.finish();
      });
    }
  }

  /** A job of the scheduler has ended. */
  jobEnded(job: Job): void {
    if (this.#group !== undefined && job._group !== this.#group) return;
    if (job._id > this.#lastId || this.#leavesOut(job)) return;
    this.#closing.delete(job);
    const { cancelled, neverStarted } = this.#report;
    if (job.outcome === 'completed') this.#report.completed += 1;
    else if (job.outcome === 'failed') this.#report.failed += 1;
    else (job.startedAt === undefined ? neverStarted : cancelled).push(job);
  }

  /** Something has ended: perhaps that was the last. */
  progress(): void {
    if (this.#phase === 'grace') {
      if (this.#scheduler._busy(this.#group, this.#inside) > 0) return;
      this.#quiet?.resolve();
      if (this.#held) return;
      if (this.#final) this.cutShort();
      else this.finish();
    } else if (this.#phase === 'settling' && this.#closing.size === 0 && this.#shields() === 0) {
      this.finish();
    }
  }

  finish(): void {
    if (this.#phase === 'done') return;
    this.#phase = 'done';
    this.#timer?.clear();
    this.#report.shields = this.#shields();
    this.#report.abandoned = this.#unsettled();
    this.#scheduler._drainEnded(this, this.#final);
    for (const job of this.#report.abandoned) this.#tellAbandoned(job);
    this.#resolve(this.#report);
    this.#quiet?.resolve();
  }

  /** Waited for from inside a job: then whoever waits like this is not waited for. */
  get #inside(): boolean {
    return this.entered.length > 0;
  }

  /** For a phase that a call in between may have changed. */
  #is(phase: 'settling' | 'done'): boolean {
    return this.#phase === phase;
  }

  /** Cancelled jobs that still run; a close of the scheduler may have cancelled them in our grace. */
  #unsettled(): Job[] {
    return this.#scheduler
      ._jobs('active', this.#group)
      .filter((job) => job.state === 'closing' && job._id <= this.#lastId && !this.#leavesOut(job));
  }

  #shields(): number {
    return this.#scheduler._busyShields(this.#group, this.#inside);
  }

  #leavesOut(job: Job): boolean {
    return this.#inside && this.#scheduler._waitsInside(job);
  }

  #cancelAll(): void {
    const scheduler = this.#scheduler;
    const group = this.#group;
    const why = this.#final ? 'The scheduler was closed' : 'The drain ran out of time';
    const cancellation = new Cancellation(withoutStack(() => new JobCancelledError(why)));
    if (this.#final) scheduler._closeForGood();
    const shields = scheduler._shields(group);
    const refusal = this.#final ? new SchedulerClosedError() : cancellation.error;
    // Else the end of one could let another start that is to be cancelled as well.
    scheduler._atOnce(() => {
      const waiting = scheduler._jobs('line', group);
      const pending = scheduler._jobs('pending', group);
      for (const job of waiting) scheduler._refuseWaiting(job, cancellation, refusal);
      for (const job of pending) job._cancel(cancellation);
    });
    const active = scheduler._jobs('active', group).filter((job) => job._id <= this.#lastId);
    // All are counted before the first is told: its abort listeners run here and may end others.
    for (const job of active) if (!this.#leavesOut(job)) this.#closing.add(job);
    for (const job of active) if (this.#final || this.#closing.has(job)) job._cancel(cancellation);
    for (const shield of shields) shield.cancel(cancellation);
  }

  #tellAbandoned(job: Job): void {
    const extras = job._extend();
    if (extras.abandoned) return;
    extras.abandoned = true;
    const context = {
      message: 'Job closing timed out',
      exception: withoutStack(
        () =>
          new JobTimeoutError('The cancelled job has not settled in time', {
            cause: job._cancellation?.reason,
          }),
      ),
      job,
    } as const;
    const tell = (): void => {
      this.#scheduler.callExceptionHandler(context);
    };
    // From inside the job: a handler that drains does not wait for it. Without a handler there may be no context.
    if (job._context === undefined) tell();
    else job._context.runInAsyncScope(runInside, undefined, job, tell);
  }
}
