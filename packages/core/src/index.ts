// oxlint-disable-next-line import/no-unassigned-import -- the first thing to happen
import './node-floor.ts';

export {
  JobCancelledError,
  JobTimeoutError,
  PendingLimitError,
  SchedulerClosedError,
  SchedulerError,
} from './errors.ts';
export {
  type DurableClaimEvent,
  type DurableEnqueueEvent,
  type DurableHandbackEvent,
  type DurableSettleEvent,
  type DurableStoreEvent,
  type JobCancelEvent,
  type JobRefuseEvent,
  type JobRetryEvent,
  type JobSettleEvent,
  type JobSpawnEvent,
  type JobStartEvent,
  observe,
  type OutliveEvents,
  type SchedulerCloseEvent,
  type SchedulerDrainEvent,
  type SchedulerStallEvent,
} from './events.ts';
export type { StoredJobInfo } from './events/payloads.ts';
export type { ExceptionContext } from './exceptions.ts';
export type { From, Job, JobContext, JobFunction, JobOutcome, JobState } from './job.ts';
export type { DrainOptions, ShieldOptions } from './drain-options.ts';
export type { GroupOptions, JobGroup } from './job-group/job-group.ts';
export type { MapFunction, MapOptions, MapResults, MapSource } from './job-group/open-map.ts';
export type { JobOptions } from './options.ts';
export {
  type JobLogger,
  logJobs,
  type LogJobsOptions,
  type LogLevel,
  type LogLevels,
} from './log-jobs.ts';
export type { Rate } from './rate.ts';
export type { DrainReport } from './report.ts';
export type { RetryOptions } from './retry-options.ts';
export { type ExceptionHandler, Scheduler, type SchedulerOptions } from './scheduler.ts';
export type { SchedulerStats } from './stats.ts';
export type { Spawnable, SpawnTarget } from './spawnable.ts';
