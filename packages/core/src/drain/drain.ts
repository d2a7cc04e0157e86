import { JobCancelledError, SchedulerClosedError, withoutStack } from '../errors.ts';
import type { ResolvedDrainOptions } from '../drain-options.ts';
import type { Group } from '../group.ts';
import { Cancellation } from '../job/cancellation.ts';
import type { JobRecord } from '../job/record.ts';
import type { DrainReport } from '../report.ts';
import { Context } from '../util/context.ts';
import { deferred } from '../util/observed-promise.ts';
import { Timer } from '../util/timer.ts';
import type { DrainHost } from './drain-host.ts';
import { IdleWaits } from './idle-waits.ts';
import type { LeftOut, Work } from './left-out.ts';
import { Tally } from './tally.ts';

/**
 * One drain or close of a pool, or of one group of its jobs: wait, cancel what is left, wait again,
 * report. A final one closes the pool in the cancelling step.
 */
export class Drain {
  readonly promise: Promise<DrainReport>;
  readonly final: boolean;
  /** The jobs and shields that wait for the outcome, and said so. */
  readonly from: Work[] = [];
  readonly #resolve: (report: DrainReport) => void;
  readonly #onEnd: () => void;
  readonly #host: DrainHost;
  readonly #leftOut: LeftOut;
  readonly group: Group | undefined;
  readonly #closeTimeout: number;
  /** Something outside, such as a server that has not closed yet, is waited for like a job. */
  #held: boolean;
  readonly #idleWaits = new IdleWaits();
  #phase: 'grace' | 'cancelling' | 'settling' | 'done' = 'grace';
  #timer: Timer | undefined;
  /** The last job that was there when cancelling began; later ones are not this drain's. */
  #lastId = Infinity;
  /** The cancelled jobs that are waited for. */
  readonly #closing = new Set<JobRecord>();
  readonly #tally = new Tally();
  /** Of the call, for what the exception handler gets at the end. */
  readonly #context = new Context('OutliveDrain');

  constructor(
    host: DrainHost,
    leftOut: LeftOut,
    options: {
      readonly group?: Group | undefined;
      readonly final: boolean;
      readonly closeTimeout: number;
      readonly held?: boolean;
    },
    onEnd: () => void,
  ) {
    this.#host = host;
    this.#leftOut = leftOut;
    this.group = options.group;
    this.final = options.final;
    this.#closeTimeout = options.closeTimeout;
    this.#held = options.held ?? false;
    this.#onEnd = onEnd;
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

  /** The work waits for the outcome: it is left out, and with it all that waits for the end of the pool. */
  leaveOut(from: readonly Work[]): void {
    this.from.push(...from);
    for (const job of this.#closing) if (this.#leavesOut(job)) this.#closing.delete(job);
  }

  /** The work has begun to wait for the end of the pool, by another call. */
  spare(from: readonly Work[]): void {
    if (this.#leavesAnyOut) for (const work of from) this.#closing.delete(work as JobRecord);
  }

  /** Starts the grace (ms); 0 leaves none. */
  begin(grace: number): void {
    if (this.#phase !== 'grace') return;
    if (grace === 0) this.endGrace();
    else this.progress();
    if (this.#is('grace')) {
      this.#timer = new Timer(grace, () => {
        this.endGrace();
      });
    }
  }

  /** Resolves when nothing but the hold is left, and as much work as `besides` counts, or the drain is over. */
  whenIdle(besides?: () => number): Promise<void> {
    const idle = this.#idleWaits.add(besides);
    if (this.over) this.#idleWaits.end();
    else this.progress();
    return idle;
  }

  /** What the drain was held for has come. */
  release(): void {
    this.#held = false;
    this.progress();
  }

  /** The outcome for a call that has joined while jobs settle: as it is when that call's own time, in ms, is up. */
  outcomeWithin({ timeout, closeTimeout }: ResolvedDrainOptions): Promise<DrainReport> {
    const limit = this.final && !this.over ? timeout + closeTimeout : Infinity;
    if (limit >= this.#closeTimeout) return this.promise;
    return new Promise((resolve) => {
      const timer = new Timer(limit, () => {
        resolve(this.#tally.report(this.#unsettled(), this.#countShields()));
      });
      void this.promise.then((report) => {
        timer.clear();
        resolve(report);
      });
    });
  }

  /** Cancels what is left but for these jobs, whose grace goes on. */
  cancelOthers(spared: (job: JobRecord) => boolean): void {
    if (this.#phase === 'grace') this.#cancelAll(spared);
  }

  /** Cancels what is left. */
  endGrace(): void {
    if (this.#phase !== 'grace') return;
    this.#phase = 'cancelling';
    this.#timer?.clear();
    this.#lastId = this.#host.lastId;
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

  /** A job of the pool has ended. */
  jobEnded(job: JobRecord): void {
    if (this.group !== undefined && job.owner !== this.group) return;
    if (this.#closing.size > 0) this.#closing.delete(job);
    if (job.ordinal <= this.#lastId && !this.#leavesOut(job)) this.#tally.add(job);
  }

  /** Something has ended: perhaps that was the last. */
  progress(): void {
    if (this.#phase === 'grace') {
      const work = this.#countWork();
      this.#idleWaits.progress(work);
      if (work > 0 || this.#held) return;
      if (this.final) this.endGrace();
      else this.finish();
    } else if (
      this.#phase === 'settling' &&
      this.#closing.size === 0 &&
      this.#countShields() === 0
    ) {
      this.finish();
    }
  }

  finish(): void {
    if (this.#phase === 'done') return;
    this.#phase = 'done';
    this.#timer?.clear();
    const shields = this.#countShields();
    const abandoned = this.#unsettled();
    this.#onEnd();
    for (const job of abandoned) {
      this.#context.runInAsyncScope(this.#host.abandoned, this.#host, job);
    }
    this.#resolve(this.#tally.report(abandoned, shields));
    this.#idleWaits.end();
  }

  /** Whether what waits for the end of the pool itself is not waited for. */
  get #leavesAnyOut(): boolean {
    return this.from.length > 0;
  }

  // A call in between may have changed the phase.
  #is(phase: 'grace' | 'settling' | 'done'): boolean {
    return this.#phase === phase;
  }

  #leavesOut(work: Work): boolean {
    return this.#leavesAnyOut && this.#leftOut.has(work);
  }

  #countWork(): number {
    const all = this.#host.countWork(this.group);
    return this.#leavesAnyOut ? all - this.#leftOut.count('all', this.group) : all;
  }

  #countShields(): number {
    const all = this.#host.countShields(this.group);
    return this.#leavesAnyOut ? all - this.#leftOut.count('shields', this.group) : all;
  }

  /** Cancelled jobs that still run; a close of the scheduler may have cancelled them in our grace. */
  #unsettled(): JobRecord[] {
    return this.#host
      .runningJobs(this.group)
      .filter(
        (job) => job.phase === 'closing' && job.ordinal <= this.#lastId && !this.#leavesOut(job),
      );
  }

  #cancelAll(spared?: (job: JobRecord) => boolean): void {
    const sparesAny = !this.final && (this.#leavesAnyOut || spared !== undefined);
    const spares = (job: JobRecord): boolean =>
      sparesAny && (this.#leavesOut(job) || spared?.(job) === true);
    const host = this.#host;
    const group = this.group;
    const why = this.final ? 'The scheduler was closed' : 'The drain ran out of time';
    const cancellation = new Cancellation(
      withoutStack(() => new JobCancelledError(why)),
      true,
    );
    if (this.final) host.stop(this.promise);
    const shields = host.openShields(group);
    host.cancelUnstarted(
      group,
      cancellation,
      this.final ? new SchedulerClosedError() : cancellation.error,
      sparesAny ? spares : undefined,
    );
    const running = host.runningJobs(group).filter((job) => job.ordinal <= this.#lastId);
    // All are counted before the first is cancelled: its abort listeners run here and may end others.
    if (this.#phase !== 'grace') {
      for (const job of running) if (!this.#leavesOut(job)) this.#closing.add(job);
    }
    for (const job of running) if (!spares(job)) host.cancel(job, cancellation);
    for (const shield of shields) {
      if (this.final || !this.#leavesOut(shield)) shield.cancel(cancellation);
    }
  }
}
