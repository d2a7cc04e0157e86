import type { Job } from '@outlive/core';

/** The names of jobs, in their order. */
export function names(jobs: Iterable<Job>): (string | undefined)[] {
  return Array.from(jobs, (job) => job.name);
}
