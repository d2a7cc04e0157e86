import {
  checkBoolean,
  checkOptions,
  expected,
  handled,
  type KnownOptions,
} from '@outlive/core/internal';
import { checkWithin } from './util/check-within.ts';

/** How long the retries of a job wait. */
export interface BackoffOptions {
  /** Time in ms before the first retry. @defaultValue `1_000` */
  readonly delay?: number | undefined;
  /** What each further wait is multiplied by, from 1. @defaultValue `2` */
  readonly factor?: number | undefined;
  /** The longest time in ms that a retry waits, up to a day, or `Infinity`. @defaultValue a day */
  readonly maxDelay?: number | undefined;
  /** Whether each retry waits for a random part of its time, so that jobs that failed together are not tried again together. @defaultValue `false` */
  readonly jitter?: boolean | undefined;
}

/** The time in ms before the next run, of a job whose run number `attempt` (1 for the first) failed with `error`. */
export type BackoffFunction = (attempt: number, error: unknown) => number;

/** A backoff, checked. */
export interface Backoff {
  /** Time in ms before the first retry where nobody can ask for it: the process of the run has died. */
  readonly first: number;
  /** @throws what a function of the user throws, and TypeError or RangeError for what it returns */
  readonly delayAfter: BackoffFunction;
}

/** In ms: a day. */
export const longestBackoff: number = 24 * 60 * 60 * 1_000;
/** In ms. */
const defaultBackoff = 1_000;

const allowed =
  'milliseconds, { delay, factor, maxDelay, jitter } or a function that returns milliseconds';

const known: KnownOptions<BackoffOptions> = {
  delay: true,
  factor: true,
  maxDelay: true,
  jitter: true,
};

/**
 * @throws TypeError or RangeError
 */
export function resolveBackoff(value: unknown, maxBackoff: number | undefined): Backoff {
  const longest = maxBackoff === undefined ? undefined : checkLongest('maxBackoff', maxBackoff);
  if (value === undefined || typeof value === 'number') {
    const delay = checkTime('backoff', value ?? defaultBackoff);
    return growing({ delay, factor: 2, maxDelay: longest ?? longestBackoff, jitter: false });
  }
  if (typeof value === 'function') {
    return byFunction(value as BackoffFunction, longest ?? longestBackoff);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(expected('backoff', allowed, value));
  }
  if (longest !== undefined) {
    throw new TypeError('Give `maxDelay` in `backoff`, in place of `maxBackoff`');
  }
  return growing(resolveOptions(value));
}

interface Growth {
  readonly delay: number;
  readonly factor: number;
  readonly maxDelay: number;
  readonly jitter: boolean;
}

function resolveOptions(value: BackoffOptions): Growth {
  const {
    delay = defaultBackoff,
    factor = 2,
    maxDelay = longestBackoff,
    jitter = false,
  } = checkOptions<BackoffOptions>('backoff', value, known);
  return {
    delay: checkTime('backoff.delay', delay),
    factor: checkFactor(factor),
    maxDelay: checkLongest('backoff.maxDelay', maxDelay),
    jitter: checkBoolean('backoff.jitter', jitter),
  };
}

function growing({ delay, factor, maxDelay, jitter }: Growth): Backoff {
  return {
    first: Math.min(delay, maxDelay),
    delayAfter(attempt) {
      // The power may be too large for a number, and a delay of 0 stays 0.
      const whole = delay === 0 ? 0 : Math.min(delay * factor ** (attempt - 1), maxDelay);
      return Math.round(jitter ? Math.random() * whole : whole);
    },
  };
}

function byFunction(delayAfter: BackoffFunction, longest: number): Backoff {
  return {
    first: Math.min(defaultBackoff, longest),
    delayAfter(attempt, error) {
      const delay: unknown = delayAfter(attempt, error);
      if (typeof delay !== 'number' || Number.isNaN(delay)) {
        // An async function may reject as well: nobody else listens.
        void handled(Promise.resolve(delay));
        throw new TypeError(expected('backoff', 'a function that returns milliseconds', delay));
      }
      if (delay < 0) {
        throw new RangeError(
          expected('backoff', 'a function that returns milliseconds from 0', delay),
        );
      }
      return Math.round(Math.min(delay, longest));
    },
  };
}

function checkTime(name: string, value: unknown): number {
  return checkWithin(name, value, 0, longestBackoff, 'milliseconds');
}

/** Engines keep times in numbers that have an end. */
function checkLongest(name: string, value: unknown): number {
  if (value === Infinity) return 366 * longestBackoff;
  return checkWithin(name, value, 0, longestBackoff, 'milliseconds', ', or Infinity');
}

function checkFactor(value: unknown): number {
  const rule = 'a number from 1';
  if (typeof value !== 'number') throw new TypeError(expected('backoff.factor', rule, value));
  if (!(value >= 1 && value < Infinity)) {
    throw new RangeError(expected('backoff.factor', rule, value));
  }
  return value;
}
