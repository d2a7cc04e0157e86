import { hasPool, otherCopy, poolKey, type WithPool } from './copies.ts';
import type { Pool } from './pool/pool.ts';
import type { Scheduler } from './scheduler.ts';
import { forgottenAwait } from './util/check.ts';
import { expected } from './util/expected.ts';

/** What is behind a scheduler, of this copy of the package or another one: for the other packages of this family. */
export function poolOf(scheduler: Scheduler): Pool {
  return (scheduler as unknown as WithPool)[poolKey];
}

/** Whether a value is a scheduler that can be used here, whichever copy of this version made it. */
export function isScheduler(value: unknown): value is Scheduler {
  return hasPool(value);
}

/** @throws TypeError for anything else; one of another version is told which two copies have met */
export function checkScheduler(name: string, value: unknown): Scheduler {
  if (isScheduler(value)) return value;
  const why = forgottenAwait(value) || otherCopy(value);
  throw new TypeError(expected(name, 'a Scheduler', value) + why);
}
