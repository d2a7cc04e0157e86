/**
 * For the adapters, which are versioned in lockstep with this package. Not part of the public interface.
 */
export { type Group, printException } from '@outlive/core/internal';
export { type AnyHandler, makeAtomic } from './atomic/make-atomic.ts';
export { accompanyAll, accompanyWhenListening } from './shutdown/fastify-like.ts';
export { type ResolvedJobsOptions, resolveJobsOptions } from './listener/jobs-options.ts';
export { bindRequest, requestJobs } from './request/request-state.ts';
export { type AtomicCall, runAtomic } from './atomic/run-atomic.ts';
export { groupOfRequest, serverDrain } from './closing/server-drain.ts';
