export * from '@outlive/core';
export type { AtomicOptions } from './atomic-options.ts';
export { drainOnClose } from './drain-on-close.ts';
export { SchedulerMissingError, type ServiceUnavailable } from './errors.ts';
export type { FastifyLike } from './fastify-like.ts';
export { gracefulShutdown, type ShutdownHandle } from './graceful-shutdown.ts';
export { atomic, jobsListener } from './jobs-listener.ts';
export type { JobsOptions } from './jobs-options.ts';
export type { Atomic } from './make-atomic.ts';
export type { RequestLike } from './request-jobs.ts';
export {
  after,
  disconnectSignal,
  getScheduler,
  getSchedulerFromRequest,
  requestSignal,
  shield,
  spawn,
} from './request-verbs.ts';
export type { HttpServer } from './server-drain.ts';
export type { ShutdownLogger } from './shutdown-logger.ts';
export type { ShutdownOptions } from './shutdown-options.ts';
export type { DestroyedResponse, ShutdownReport } from './shutdown-report.ts';
