import type { JobContext } from '@outlive/core';
import type { Outcome } from '../backend.ts';
import type { JobDefinition } from '../job-definition.ts';
import { resolveBackoff } from '../backoff.ts';
import { longestDelay } from '../enqueue-options.ts';
import { NonRetryableError } from '../errors.ts';
import { fieldOf } from '../util/field-of.ts';
import { timeOf } from '../util/time-of.ts';

/** A failed attempt. */
export type Failure = Extract<Outcome, { kind: 'fail' }>;

const defaultDelay = resolveBackoff(undefined, undefined).delayAfter;

/** How a run has ended whose handler rejected with this error. */
export function outcomeOf(error: unknown, { signal, drainSignal }: JobContext): Outcome {
  const failure: Failure = { kind: 'fail', error };
  // What the handler says of itself counts in a shutdown too.
  if (isNonRetryable(error)) return { ...failure, final: true };
  if (retryTimeOf(error) !== undefined) return failure;
  if (signal.aborted) {
    return fieldOf(signal.reason, 'code') === 'ERR_JOB_TIMEOUT' ? failure : { kind: 'release' };
  }
  const isAbort = error === drainSignal.reason || fieldOf(error, 'name') === 'AbortError';
  return drainSignal.aborted && isAbort ? { kind: 'release' } : failure;
}

/**
 * Time in ms before the next run.
 *
 * @param report - receives what a function for the backoff throws, or what is wrong with its result
 */
export function retryDelay(
  { options: { backoff } }: JobDefinition,
  attempt: number,
  error: unknown,
  report: (error: unknown) => void,
): number {
  const time = retryTimeOf(error);
  if (time !== undefined) return Math.min(Math.max(0, time - Date.now()), longestDelay);
  try {
    return backoff.delayAfter(attempt, error);
  } catch (exception) {
    report(exception);
    return defaultDelay(attempt, error);
  }
}

/** By its class too, since that of a user may have another code; and by its code, since it may be of another copy of the package. */
function isNonRetryable(error: unknown): boolean {
  if (fieldOf(error, 'code') === 'ERR_NON_RETRYABLE') return true;
  try {
    return error instanceof NonRetryableError;
  } catch {
    return false; // a Proxy that throws
  }
}

/** The time in epoch ms that an error asks for. */
function retryTimeOf(error: unknown): number | undefined {
  const time = timeOf(fieldOf(error, 'retryAt'));
  return time === undefined ? undefined : Math.round(time);
}
