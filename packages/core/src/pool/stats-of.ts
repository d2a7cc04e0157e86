import type { JobRecord } from '../job/record.ts';
import type { JobCounts } from '../events/job-counts.ts';
import type { SchedulerStats } from '../stats.ts';
import type { PoolWork } from './pool-work.ts';
import type { Slots } from './slots.ts';

/** In constant time but for this: each key in use and each job that waits for its next attempt is looked at. */
export function statsOf(
  slots: Slots,
  { shields, retries }: PoolWork,
  { failed, cancelled, refused, closing }: JobCounts,
): SchedulerStats {
  const { lastId, starts, retried, active, pending } = slots;
  const now = slots.clock.exact;
  // Shields take ids of the same sequence.
  const spawned = lastId - shields.count;
  let oldest: JobRecord | undefined;
  for (const job of [...pending.heads, ...retries]) {
    if (job !== undefined && !(oldest !== undefined && oldest.ordinal < job.ordinal)) oldest = job;
  }
  const running = active.head;
  return {
    spawned,
    started: starts - retried,
    retried,
    completed: spawned - failed - cancelled - active.size - pending.size,
    failed,
    cancelled,
    refused,
    pending: pending.size,
    active: active.size - closing,
    closing,
    shields: shields.size,
    oldestPendingAge: oldest && Math.max(0, now - oldest.spawnTime),
    oldestActiveAge: running && Math.max(0, now - running.startTime),
  };
}
