export { type CollectJobsOptions, collectJobs } from './collect-jobs.ts';
export { MetricsRegisteredError } from './errors.ts';
