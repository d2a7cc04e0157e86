export * from '@outlive/http';
export { atomic } from './atomic.ts';
export { gracefulShutdown } from './graceful-shutdown.ts';
export { jobsPlugin } from './jobs-plugin.ts';
export { readiness } from './readiness.ts';
