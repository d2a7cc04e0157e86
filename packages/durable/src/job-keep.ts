import { checkOptions, checkTime, expected, type KnownOptions } from '@outlive/core/internal';
import type { KeepRule, KeepRules } from './backend.ts';

/** How long jobs of a definition are kept after their end. */
export interface KeepOptions {
  /** Those that are done. @defaultValue a day */
  readonly completed?: KeepLimit | undefined;
  /** Those that failed for good, and those that were cancelled. @defaultValue 30 days */
  readonly failed?: KeepLimit | undefined;
}

/**
 * Time in ms after the end of a job, `Infinity` for no limit and 0 for none at all; or an `age` in ms, a `count` of those of
 * this name that ended last, or both: whichever limit is reached first.
 */
export type KeepLimit =
  number | { readonly age?: number | undefined; readonly count?: number | undefined };

/** In ms. */
const day = 24 * 60 * 60 * 1_000;

/** What is kept for longer, in ms, is kept for good, and so it is with more jobs: engines count in fewer digits. */
const longestAge = 100 * 365 * day;
const mostJobs = 2 ** 31 - 1;

const knownRules: KnownOptions<KeepOptions> = { completed: true, failed: true };
const knownLimits = { age: true, count: true } as const;

export function resolveKeep(keep: KeepOptions | undefined): KeepRules {
  const { completed = day, failed = 30 * day } = checkOptions('keep', keep, knownRules);
  return {
    completed: resolveLimit('keep.completed', completed),
    failed: resolveLimit('keep.failed', failed),
  };
}

function resolveLimit(name: string, limit: KeepLimit): KeepRule {
  if (typeof limit === 'number') return rule(checkTime(name, limit), Infinity);
  const allowed = 'milliseconds, or { age, count }';
  const { age = Infinity, count = Infinity } = checkOptions(name, limit, knownLimits, allowed);
  checkTime(`${name}.age`, age);
  if (typeof count !== 'number') throw new TypeError(expected(`${name}.count`, 'a number', count));
  if (count !== Infinity && !(Number.isInteger(count) && count >= 0)) {
    throw new RangeError(expected(`${name}.count`, 'a whole number from 0 or Infinity', count));
  }
  return rule(age, count);
}

function rule(age: number, count: number): KeepRule {
  return {
    age: age > longestAge ? Infinity : age,
    count: count > mostJobs ? Infinity : count,
  };
}
