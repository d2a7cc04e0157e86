import { checkCount, checkFinite, checkFunction, checkTime } from './util/check.ts';
import { checkOptions, type KnownOptions } from './util/check-options.ts';
import { expected } from './util/expected.ts';

/** How a job is tried again after a failure. */
export interface RetryOptions {
  /** Further attempts, from 0. */
  readonly retries: number;
  /** ms between the first failure and the next attempt. @defaultValue `1_000` */
  readonly delay?: number | undefined;
  /** What each further delay is multiplied with, from 1. @defaultValue `2` */
  readonly factor?: number | undefined;
  /** The longest delay in ms. @defaultValue `30_000` */
  readonly maxDelay?: number | undefined;
  /** Wait for a random part of the delay, so that what failed together does not come back together. @defaultValue `true` */
  readonly jitter?: boolean | undefined;
  /**
   * Decides by the error, after attempt 1, 2, … while there are attempts left: `false` for no further one, `true` for
   * one after the usual delay, a number for one after so many ms (what a `Retry-After` asked for).
   * @defaultValue every error is tried again
   */
  readonly when?: ((error: unknown, attempt: number) => boolean | number) | undefined;
}

/** Checked options. */
export interface ResolvedRetry {
  readonly retries: number;
  readonly delay: number;
  readonly factor: number;
  readonly maxDelay: number;
  readonly jitter: boolean;
  readonly when: RetryOptions['when'];
}

const retryOptionNames: KnownOptions<RetryOptions> = {
  retries: true,
  delay: true,
  factor: true,
  maxDelay: true,
  jitter: true,
  when: true,
};

/** @throws TypeError or RangeError for a bad option, naming it */
export function resolveRetry(retry: number | RetryOptions): ResolvedRetry {
  const isNumber = typeof retry === 'number';
  const options = isNumber ? { retries: retry } : retry;
  const {
    retries,
    delay = 1_000,
    factor = 2,
    maxDelay = 30_000,
    jitter = true,
    when,
  } = checkOptions<RetryOptions>('retry', options, retryOptionNames);
  if (typeof jitter !== 'boolean') {
    throw new TypeError(expected('retry.jitter', 'a boolean', jitter));
  }
  if (when !== undefined) checkFunction('retry.when', when);
  if (checkFinite('retry.factor', factor) < 1) {
    throw new RangeError(expected('retry.factor', 'a number from 1', factor));
  }
  return {
    retries: checkCount(isNumber ? 'retry' : 'retry.retries', retries, 0),
    delay: checkTime('retry.delay', delay),
    factor,
    maxDelay: checkTime('retry.maxDelay', maxDelay),
    jitter,
    when,
  };
}
