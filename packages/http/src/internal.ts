/**
 * For the adapters, which are versioned in lockstep with this package. Not part of the public interface.
 */
export { type Group, printException } from '@outlive/core/internal';
export { type AnyHandler, makeAtomic } from './make-atomic.ts';
export { accompanyAll, accompanyWhenListening } from './fastify-like.ts';
export { type ResolvedJobsOptions, resolveJobsOptions } from './jobs-options.ts';
export { bindRequest, requestJobs } from './request-jobs.ts';
export { type AtomicCall, runAtomic } from './run-atomic.ts';
export { groupOfRequest, serverDrain } from './server-drain.ts';
