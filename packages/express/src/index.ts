export * from '@outlive/http';
export { atomic } from './atomic.ts';
export { jobsMiddleware, type JobsMiddleware } from './jobs-middleware.ts';
export { getSchedulerFromApp, setup } from './setup.ts';
export { readiness } from './readiness.ts';
