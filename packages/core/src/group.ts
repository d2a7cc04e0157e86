import type { Scheduler } from './scheduler.ts';

/**
 * Part of a scheduler's work that can be drained on its own: what belongs to one server.
 * Counts it, so that a drain need not look at every job of the scheduler.
 */
export class Group {
  readonly scheduler: Scheduler;
  /** Live jobs, and `spawn()` calls that wait for room. */
  jobs = 0;
  shields = 0;

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }
}
