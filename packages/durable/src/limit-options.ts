import { checkOptions, expected, type KnownOptions } from '@outlive/core/internal';
import { checkWithin } from './util/check-within.ts';

/** How many jobs may start in a time. */
export interface RateLimit {
  /** So many at most, from 1. */
  readonly starts: number;
  /** In any window of so many ms, up to a day. */
  readonly per: number;
}

const known: KnownOptions<RateLimit> = { starts: true, per: true };
/** In ms: a day. */
const longestWindow = 24 * 60 * 60 * 1_000;
const mostStarts = 100_000;

export function checkRate(value: unknown): RateLimit | undefined {
  if (value === undefined) return undefined;
  const { starts, per } = checkOptions('rate', value as RateLimit, known, '{ starts, per }');
  return {
    starts: checkWithin('rate.starts', starts, 1, mostStarts, 'a whole number'),
    per: checkWithin('rate.per', per, 1, longestWindow, 'milliseconds'),
  };
}

/** A whole number from 1; `Infinity`, as none: no limit. */
export function checkLimit(name: string, value: unknown): number {
  if (value === undefined || value === Infinity) return Infinity;
  const allowed = 'a whole number from 1, or Infinity';
  if (typeof value !== 'number') throw new TypeError(expected(name, allowed, value));
  if (!Number.isInteger(value) || value < 1) throw new RangeError(expected(name, allowed, value));
  return value;
}
