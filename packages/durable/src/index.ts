export type { BackoffFunction, BackoffOptions } from './backoff.ts';
export type { Depth } from './depth.ts';
export type {
  DiedJob,
  EnqueueBackendOptions,
  JobBackend,
  JobSpec,
  KeepRule,
  KeepRules,
  Lease,
  NewJob,
  OpenBackendOptions,
  Outcome,
  Settlement,
  Transaction,
} from './backend.ts';
export type { JobControl, JobLookup, JobQuery, JobRuns, RetryQuery } from './backend-operations.ts';
export { bullmqBackend, type BullmqBackendOptions } from './engines/bullmq/factory.ts';
export { defineJob } from './define-job.ts';
export { DurableJobs } from './durable-jobs.ts';
export type { EnqueueManyOptions, EntryOptions, JobEntry } from './enqueue-many.ts';
export type { EnqueueOptions } from './enqueue-options.ts';
export {
  EngineMissingError,
  JobFailedError,
  JobNotFoundError,
  JobNotStoredError,
  JobPayloadError,
  JobResultError,
  JobStoreError,
  LeaseLostError,
  NonRetryableError,
  StoreLockedError,
  UnsupportedError,
} from './errors.ts';
export type { DurableJobContext, JobHandler } from './job-context.ts';
export type { DefinedJob } from './job-definition.ts';
export type { ExhaustedJob, JobDefinitionOptions } from './job-definition-options.ts';
export type { KeepLimit, KeepOptions } from './job-keep.ts';
export type { JobOperations } from './job-operations.ts';
export type { ListJobsOptions, RetryAllOptions, WaitForJobOptions } from './job-queries.ts';
export type { JobSchedules, ScheduleRef } from './backend-schedules.ts';
export type { Schedule } from './schedule-options.ts';
export { type MemoryBackend, memoryBackend } from './engines/memory/factory.ts';
export type { RunPendingOptions } from './engines/memory/testing.ts';
export { openJobs, type OpenJobsOptions } from './open-jobs.ts';
export { pgliteBackend, type PgliteBackendOptions } from './engines/pg-boss/pglite.ts';
export { postgresBackend, type PostgresBackendOptions } from './engines/pg-boss/postgres.ts';
export type {
  RedisClient,
  RedisClusterOptions,
  RedisConnection,
  RedisOptions,
} from './engines/bullmq/redis-options.ts';
export type { StoreOptions } from './choose-backend.ts';
export type { JobPayload } from './payload/payload-type.ts';
export type {
  AnyTransaction,
  DrizzleTransaction,
  KnexTransaction,
  KyselyTransaction,
  MikroOrmTransaction,
  PostgresJsTransaction,
  PrismaTransaction,
  SequelizeTransaction,
} from './transactions/any-transaction.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from './payload/standard-schema.ts';
export type { StoredError, StoredJob, StoredJobPage, StoredJobState } from './stored-job.ts';
