import type { AsyncResource } from 'node:async_hooks';
import type { JobFunction } from '../job.ts';
import type { ResolvedRetry } from '../retry-options.ts';
import type { JobRecord } from './record.ts';
import { delayAfter } from './retry-delay.ts';
import { promiseOf, type SelfSettling } from './start.ts';
import { complete, fail, whenReleased } from './settle.ts';

/** What a job that is tried again needs of its pool. */
export interface RetryHost {
  /** The context of now, for the next attempt; none where all jobs share one. */
  context(): AsyncResource | undefined;
  /** An attempt has failed with this, and the next one is to come after so many ms. Told before the job changes. */
  retries(job: JobRecord, error: unknown, delay: number): void;
  /** An attempt has failed: the job is pending, and goes for a slot after so many ms. */
  postpone(retrying: Retrying, delay: number): void;
  /** The job waits no more: its next attempt begins, or it was cancelled. */
  waitsNoMore(retrying: Retrying): void;
}

/** The function of a job, and how often it is called again when it fails. */
export class Retrying implements SelfSettling {
  readonly job: JobRecord;
  /** Of the attempt that runs, for the next one. */
  context: AsyncResource | undefined = undefined;
  readonly fn: JobFunction<unknown>;
  readonly #options: ResolvedRetry;
  readonly #host: RetryHost;
  /** How many further attempts there are. */
  #left: number;

  constructor(job: JobRecord, fn: JobFunction<unknown>, options: ResolvedRetry, host: RetryHost) {
    this.job = job;
    this.fn = fn;
    this.#options = options;
    this.#host = host;
    this.#left = options.retries;
  }

  /** The next attempt is the last one, whatever becomes of it. */
  endAfterNext(): void {
    this.#left = 0;
  }

  /** One attempt. */
  run(job: JobRecord): void {
    this.#host.waitsNoMore(this);
    if (this.#left > 0) this.context = this.#host.context();
    let promise: Promise<unknown> | undefined;
    let returned: unknown;
    try {
      returned = this.fn(job);
      promise = promiseOf(returned);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (promise === undefined) {
      complete(job, returned);
      return;
    }
    void promise.then(
      (value) => {
        complete(job, value);
      },
      (error: unknown) => {
        this.#failed(error);
      },
    );
  }

  /** Of a job that was cancelled while it waited. */
  clear(): void {
    this.#host.waitsNoMore(this);
  }

  #failed(error: unknown): void {
    whenReleased(this.job, () => {
      this.#decide(error);
    });
  }

  #decide(error: unknown): void {
    const { job } = this;
    let delay: number | undefined;
    try {
      if (this.#mayGoOn()) delay = delayAfter(error, job.attempt, this.#options);
    } catch (thrown) {
      fail(job, thrown);
      return;
    }
    if (delay !== undefined && this.#mayGoOn()) this.#host.retries(job, error, delay);
    // The decision is the user's, who may have cancelled the job in it.
    if (delay === undefined || !this.#mayGoOn()) {
      fail(job, error);
      return;
    }
    this.#left -= 1;
    this.#host.postpone(this, delay);
  }

  #mayGoOn(): boolean {
    return this.#left > 0 && this.job.phase === 'active';
  }
}
