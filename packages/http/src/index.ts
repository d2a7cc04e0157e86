export * from '@outlive/core';
export type { AtomicOptions } from './atomic/options.ts';
export { drainOnClose } from './closing/drain-on-close.ts';
export { SchedulerMissingError, type ServiceUnavailable } from './errors.ts';
export type { FastifyLike } from './shutdown/fastify-like.ts';
export { gracefulShutdown, type ShutdownHandle } from './shutdown/graceful-shutdown.ts';
export { atomic, jobsListener } from './listener/jobs-listener.ts';
export type { JobsOptions } from './listener/jobs-options.ts';
export type { Atomic } from './atomic/make-atomic.ts';
export type { RequestLike } from './request/request-state.ts';
export {
  after,
  disconnectSignal,
  getScheduler,
  getSchedulerFromRequest,
  requestSignal,
  shield,
  spawn,
} from './request/verbs.ts';
export type { HttpServer } from './closing/server-drain.ts';
export type { ShutdownLogger } from './shutdown/logger.ts';
export type { ShutdownOptions } from './shutdown/options.ts';
export type { DestroyedResponse, ShutdownReport } from './shutdown/report.ts';
