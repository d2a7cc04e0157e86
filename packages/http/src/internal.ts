/**
 * For the adapters, which are versioned in lockstep with this package. Not part of the public interface.
 */
export { type Group, printException } from '@outlive/core/internal';
export { makeAtomic } from './atomic/make-atomic.ts';
export { groupOfRequest, leftOutOfClose, linkServer, serverDrain } from './closing/registry.ts';
export type { ServerDrain } from './closing/server-drain.ts';
export { noteListener } from './listener/find-by-listener.ts';
export { type ResolvedJobsOptions, resolveJobsOptions } from './listener/jobs-options.ts';
export { schedulerOfApp, setUpApp } from './listener/set-up-app.ts';
export { checkHandle, refuseCaller } from './listener/wrong-caller.ts';
export { bindRequest } from './request/lookup.ts';
