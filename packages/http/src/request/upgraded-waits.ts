import type { Scheduler } from '@outlive/core';
import type { Group, JobRecord } from '@outlive/core/internal';
import type { ResponseEnd } from './response-end.ts';

const waiting = new WeakMap<Scheduler, Set<JobRecord>>();

/** A job has been spawned `after` an upgraded request, whose socket has no end of its own. */
export function noteWaitForUpgraded(scheduler: Scheduler, job: JobRecord, end: ResponseEnd): void {
  const jobs = waiting.get(scheduler) ?? new Set();
  waiting.set(scheduler, jobs.add(job));
  end.on(() => jobs.delete(job));
}

/** How many jobs of a group, or of all, wait for the end of an upgraded socket. */
export function countWaitsForUpgraded(scheduler: Scheduler, group: Group | undefined): number {
  let count = 0;
  for (const job of waiting.get(scheduler) ?? []) {
    if (job.pending && (group === undefined || job.owner === group)) count += 1;
  }
  return count;
}
