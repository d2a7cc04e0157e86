import type { JobContext } from '@outlive/core';
import type { Outcome } from '../backend.ts';
import { jobContext } from '../job-context.ts';
import { validatePayload } from '../payload/validate-payload.ts';
import type { ActiveLease } from './active-lease.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/**
 * One run of a durable job, as a job of the scheduler. It ends when its outcome is recorded, so that a
 * drain waits for that too, and a slot is free only when the store knows.
 */
export async function runLease(
  keeper: LeaseKeeper,
  active: ActiveLease,
  job: JobContext,
): Promise<void> {
  const { lease, definition } = active;
  let payload: unknown;
  try {
    payload = await validatePayload(lease.name, definition.options.schema, lease.payload);
  } catch (error) {
    // Another version of the program stored it: no retry could change it.
    await keeper.settle(active, { kind: 'fail', error, final: true });
    throw error;
  }
  try {
    await definition.handler(payload, jobContext(job, lease.id, lease.attempt));
  } catch (error) {
    const outcome = outcomeOf(error, job);
    await keeper.settle(active, outcome);
    // A run that is handed back is cancelled, not failed, whatever the handler rejects with.
    throw outcome.kind === 'release' && job.signal.aborted ? job.signal.reason : error;
  }
  await keeper.settle(active, { kind: 'done' });
}

function outcomeOf(error: unknown, { signal, drainSignal }: JobContext): Outcome {
  if (signal.aborted) {
    const { code } = (signal.reason ?? {}) as { code?: unknown };
    return code === 'ERR_JOB_TIMEOUT' ? { kind: 'fail', error } : { kind: 'release' };
  }
  const { name } = (error ?? {}) as { name?: unknown };
  const stopped = drainSignal.aborted && (error === drainSignal.reason || name === 'AbortError');
  return stopped ? { kind: 'release' } : { kind: 'fail', error };
}
