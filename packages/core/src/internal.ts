/**
 * For the other packages of this family, which are versioned in lockstep with this one. Not part of
 * the public interface.
 */
// oxlint-disable-next-line import/no-unassigned-import -- the first thing to happen
import './node-floor.ts';

export { callSiteUnderDebug, noteCallSite } from './call-site.ts';
export type { Drain } from './drain/drain.ts';
export { withoutStack } from './errors.ts';
export { printException } from './exceptions.ts';
export { type JobOrigin, requestOf } from './events/origins.ts';
export { publish } from './events/publish.ts';
export { keepsSpawnContext } from './events/spawn-context-kept.ts';
export type { Group } from './group.ts';
export { generatorError, isGenerator, refuseGenerator } from './job/generator.ts';
export { Cancellation } from './job/cancellation.ts';
export { isCancellation, markHandled, noteDetail, settlementOf } from './job/outcome.ts';
export type { JobRecord } from './job/record.ts';
export * as settle from './job/settle.ts';
export { promiseOf, type SelfSettling } from './job/start.ts';
export { openGroup } from './job-group/open-group.ts';
export {
  type ResolvedDrainOptions,
  resolveDrainOptions,
  resolveFrom,
  resolveShieldOptions,
} from './drain-options.ts';
export {
  type ResolvedJobOptions,
  resolveJobOptions,
  resolveSchedulerOptions,
  schedulerOptionNames,
} from './options.ts';
export type { HeldBack } from './pool/failures.ts';
export type { Pool } from './pool/pool.ts';
export { checkScheduler, isScheduler, poolOf } from './pool-of.ts';
export { toReport } from './report.ts';
export { isSpawnable } from './spawnable.ts';
export * from './util/check.ts';
export { checkOptions, checkPlainObject, type KnownOptions } from './util/check-options.ts';
export { expected } from './util/expected.ts';
export { nearest } from './util/nearest.ts';
export { newController } from './util/new-controller.ts';
export { type Deferred, deferred, handled, observed } from './util/observed-promise.ts';
export { onAbort } from './util/on-abort.ts';
export { Timer } from './util/timer.ts';
export { version } from './version.ts';
