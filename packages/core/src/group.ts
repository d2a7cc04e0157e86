import type { JobHost, JobOwner } from './job/record.ts';

/**
 * Part of a scheduler's work that can be drained on its own: what belongs to one server, or to none.
 * Counts it, so that a drain need not look at every job of the scheduler.
 */
export class Group implements JobOwner {
  readonly host: JobHost;
  /** Live jobs, and `spawn()` calls that wait for room. */
  jobs = 0;
  shields = 0;

  constructor(host: JobHost) {
    this.host = host;
  }
}
