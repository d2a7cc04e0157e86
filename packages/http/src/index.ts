export * from '@outlive/core';
export type { Atomic, AtomicDecorator } from './atomic/atomic.ts';
export type { AtomicOptions } from './atomic/options.ts';
export { drainOnClose } from './closing/drain-on-close.ts';
export type { HttpServer } from './connections/http-server.ts';
export { SchedulerMissingError, type ServiceUnavailable } from './errors.ts';
export { atomic } from './listener/atomic.ts';
export { jobsListener } from './listener/jobs-listener.ts';
export type { JobsOptions } from './listener/jobs-options.ts';
export type { RequestLike } from './request/request-like.ts';
export {
  after,
  disconnectSignal,
  getScheduler,
  getSchedulerFromRequest,
  group,
  requestSignal,
  shield,
  spawn,
} from './request/verbs.ts';
export { gracefulShutdown } from './shutdown/graceful-shutdown.ts';
export type { ShutdownCall, ShutdownHandle } from './shutdown/handle.ts';
export type { ShutdownFrom } from './shutdown/left-out.ts';
export type { ShutdownLogger } from './shutdown/logger.ts';
export type { ShutdownOptions } from './shutdown/options.ts';
export type { DestroyedResponse, ShutdownReport } from './shutdown/report.ts';
export type { ServerApp, ShutdownTarget } from './shutdown/target.ts';
