import type { KeepRule, KeepRules } from '../../backend.ts';

/** What BullMQ removes by itself at the end of a job. What is too old is deleted later, many at once. */
export interface Removal {
  readonly removeOnComplete: boolean | { readonly count: number };
  readonly removeOnFail: boolean | { readonly count: number };
}

export function removal({ completed, failed }: KeepRules): Removal {
  return { removeOnComplete: ofRule(completed), removeOnFail: ofRule(failed) };
}

function ofRule({ age, count }: KeepRule): boolean | { readonly count: number } {
  if (age === 0 || count === 0) return true;
  return count === Infinity ? false : { count };
}
