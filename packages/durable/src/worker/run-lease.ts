import type { JobContext } from '@outlive/core';
import type { Outcome } from '../backend.ts';
import type { HeldLease } from './active-lease.ts';
import { jobContext } from '../job-context.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { conform } from '../payload/to-json.ts';

/**
 * One run of a durable job, as a job of the scheduler. It ends when its outcome is recorded, so that a
 * drain waits for that too, and a slot is free only when the store knows.
 */
export async function runLease(
  keeper: LeaseKeeper,
  held: HeldLease,
  job: JobContext,
): Promise<void> {
  const { lease, definition } = held;
  let payload: unknown;
  try {
    payload = await conform(lease.name, definition.options.schema, lease.payload);
  } catch (error) {
    // Stored by another version of the program: no retry could change it.
    await keeper.settle(held, { kind: 'fail', error, final: true });
    throw error;
  }
  try {
    await definition.handler(payload, jobContext(job, lease.id, lease.attempt));
  } catch (error) {
    const outcome = outcomeOf(error, job);
    await keeper.settle(held, outcome);
    // Handed back is cancelled, not failed, whatever a handler makes of its signal.
    throw outcome.kind === 'release' && job.signal.aborted ? job.signal.reason : error;
  }
  await keeper.settle(held, { kind: 'done' });
}

function outcomeOf(error: unknown, { signal, draining }: JobContext): Outcome {
  if (signal.aborted) {
    const { code } = (signal.reason ?? {}) as { code?: unknown };
    return code === 'ERR_JOB_TIMEOUT' ? { kind: 'fail', error } : { kind: 'release' };
  }
  const { name } = (error ?? {}) as { name?: unknown };
  const stopped = draining.aborted && (error === draining.reason || name === 'AbortError');
  return stopped ? { kind: 'release' } : { kind: 'fail', error };
}
