export type { DrainReport } from './drain.ts';
export {
  JobCancelledError,
  JobTimeoutError,
  PendingLimitError,
  SchedulerClosedError,
  SchedulerError,
} from './errors.ts';
export type { ExceptionContext, ExceptionHandler } from './exceptions.ts';
export { Job, type JobContext, type JobFunction, type JobOutcome, type JobState } from './job.ts';
export type { JobOptions } from './job-options.ts';
export { Scheduler } from './scheduler.ts';
export type { DrainOptions, SchedulerOptions } from './scheduler-options.ts';
