import { JobTimeoutError, withoutStack } from '../errors.ts';
import type { ExceptionContext } from '../exceptions.ts';
import type { JobRecord } from '../job/record.ts';
import { atEndOfTurn } from '../util/end-of-turn.ts';
import { type Deferred, observedDeferred, type ObservedPromise } from '../util/observed-promise.ts';

/** Abandoned jobs that have not been reported yet. */
export interface HeldBack {
  readonly jobs: readonly JobRecord[];
  /** Reports them, but those that are spared. */
  release(isSpared: (job: JobRecord) => boolean): void;
}

/** Decides which failures nobody waited for, and reports those to the exception handler. */
export class Failures {
  readonly #report: (context: ExceptionContext) => void;
  #heldBack: JobRecord[] | undefined;
  readonly #observers: ((job: JobRecord, error: unknown) => void)[] = [];

  constructor(report: (context: ExceptionContext) => void) {
    this.#report = report;
  }

  /** Calls back for every job that fails, whoever gets the failure, for as long as the pool is there. */
  observe(observer: (job: JobRecord, error: unknown) => void): void {
    this.#observers.push(observer);
  }

  /** A job fails. Where nobody waits for it so far, a wait that begins in this turn is in time. */
  jobFailed(job: JobRecord, error: unknown): void {
    for (const observe of this.#observers) observe(job, error);
    if (job.waiters > 0) return;
    atEndOfTurn(() => {
      if (job.waiters === 0) this.#reportOf(job, 'Job processing failed', job.error);
    });
  }

  /** A job has failed, and nobody is going to ask for it. */
  report(job: JobRecord, error: unknown): void {
    this.#reportOf(job, 'Job processing failed', error);
  }

  /** A cancelled job has not settled in time: reported once, however many drains meet it. */
  jobAbandoned(job: JobRecord): void {
    const extras = job.extend();
    if (extras.abandoned) return;
    extras.abandoned = true;
    if (this.#heldBack === undefined) this.#reportAbandoned(job);
    else this.#heldBack.push(job);
  }

  /** Reports no abandoned job from now on until that is released. */
  holdBackAbandoned(): HeldBack {
    const jobs = (this.#heldBack ??= []);
    return {
      jobs,
      release: (isSpared) => {
        if (this.#heldBack !== jobs) return;
        this.#heldBack = undefined;
        for (const job of jobs) if (!isSpared(job)) this.#reportAbandoned(job);
      },
    };
  }

  #reportAbandoned(job: JobRecord): void {
    const cause = job.cancellation?.reason;
    const why = 'The cancelled job has not settled in time';
    const error = withoutStack(() => new JobTimeoutError(why, { cause }));
    this.#reportOf(job, 'Job closing timed out', error);
  }

  shieldFailed(exception: unknown): void {
    this.#report({ message: 'Shielded work failed', exception });
  }

  /** A promise that rejects; if its caller forgets it, the exception handler gets the reason. */
  refused<T>(reason: unknown): Promise<T> {
    return this.refuse(observedDeferred<T>(), reason);
  }

  /** Rejects what a caller was given; if the caller forgot it, the exception handler gets it. */
  refuse<T>({ promise, reject }: Deferred<T, ObservedPromise<T>>, exception: unknown): Promise<T> {
    reject(exception);
    atEndOfTurn(() => {
      if (!promise.observed) this.#report({ message: 'Job refused', exception });
    });
    return promise;
  }

  #reportOf(job: JobRecord, message: string, exception: unknown): void {
    const { sourceStack, detail } = job.extras ?? {};
    this.#report({ message, exception, job, detail, sourceStack });
  }
}
