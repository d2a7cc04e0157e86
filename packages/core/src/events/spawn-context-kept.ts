import type { Job } from '../job.ts';
import type { JobRecord } from '../job/record.ts';
import { Retrying } from '../job/retrying.ts';
import { isScheduler, poolOf } from '../pool-of.ts';
import type { Scheduler } from '../scheduler.ts';

/**
 * Whether each start of a job is in the context of its `spawn()`, so that nobody has to keep that for it: not where jobs
 * share the scheduler's, and not after a failed attempt. Of a scheduler of another version nobody knows.
 */
export function keepsSpawnContext(scheduler: Scheduler, job: Job): boolean {
  if (!isScheduler(scheduler) || poolOf(scheduler).slots.contexts.areShared) return false;
  return !((job as JobRecord).work instanceof Retrying);
}
