import type { Scheduler } from '@outlive/core';
import type { JobDefinition } from '../job-definition.ts';
import type { ExhaustedJob } from '../job-definition-options.ts';
import { atMost } from '../util/waiting.ts';

/** Longest time in ms that a run, or a drain, waits for it. */
const patience = 60_000;

/**
 * Tells a definition of a job that has failed for good. Never rejects. A drain waits for it, and a run keeps its slot, but not
 * for ever.
 */
export async function tellExhausted(
  scheduler: Scheduler,
  { options: { onExhausted, timeout } }: JobDefinition,
  { id, name, payload, error, attempt }: ExhaustedJob,
): Promise<void> {
  if (onExhausted === undefined) return;
  const report = (exception: unknown): void => {
    scheduler.callExceptionHandler({ message: 'onExhausted() failed', exception });
  };
  // An async function, so that what `onExhausted` throws is a rejection too.
  const told = (async () => onExhausted({ id, name, payload, error, attempt }))();
  const limit = Math.min(timeout, patience);
  const late = (): Error => {
    // Whatever comes of it is not lost.
    told.catch(report);
    return new Error(
      `onExhausted() of ${name} has not settled for ${limit} ms: nothing waits for it`,
    );
  };
  try {
    await scheduler.shield(atMost(limit, told, late));
  } catch (exception) {
    report(exception);
  }
}
