import type { Scheduler } from '@outlive/core';
import type { JobDefinition } from '../job-definition.ts';
import type { ExhaustedJob } from '../job-definition-options.ts';

/** Tells a definition of a job that has failed for good. Never rejects. A drain waits for it. */
export async function tellExhausted(
  scheduler: Scheduler,
  { options: { onExhausted } }: JobDefinition,
  { id, name, payload, error, attempt }: ExhaustedJob,
): Promise<void> {
  if (onExhausted === undefined) return;
  try {
    // An async function, so that what `onExhausted` throws is a rejection too.
    const told = (async () => onExhausted({ id, name, payload, error, attempt }))();
    await scheduler.shield(told);
  } catch (exception) {
    scheduler.callExceptionHandler({ message: 'onExhausted() failed', exception });
  }
}
