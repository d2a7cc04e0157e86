/**
 * For the other packages of this family, which are versioned in lockstep with this one. Not part of
 * the public interface.
 */
import type { Drain } from './drain.ts';
import { Group } from './group.ts';
import { type Job, type JobFunction, promiseOf, toldLater } from './job.ts';
import { type ResolvedJobOptions, resolveJobOptions } from './job-options.ts';
import type { Scheduler } from './scheduler.ts';
import type { DrainOptions } from './scheduler-options.ts';

export * from './check.ts';
export { printException } from './exceptions.ts';
export { withoutStack } from './errors.ts';
export { type Deferred, deferred, handled } from './observed-promise.ts';
export { resolveDrainOptions, resolveSchedulerOptions } from './scheduler-options.ts';
export { Timer } from './timer.ts';
export { isSpawnable, type Spawnable } from './spawnable.ts';
export { type Drain, Group, promiseOf, toldLater, type ResolvedJobOptions, resolveJobOptions };

/** `spawn()` for a group. */
export function spawnIn<T>(
  scheduler: Scheduler,
  group: Group | undefined,
  fn: JobFunction<T>,
  options: ResolvedJobOptions,
): Promise<Job<T>> {
  return scheduler._spawn(fn, options, group);
}

/** `spawnNow()` for a group; `beyondLimit` makes room where there is none. */
export function spawnNowIn<T>(
  scheduler: Scheduler,
  group: Group | undefined,
  fn: JobFunction<T>,
  options: ResolvedJobOptions,
  beyondLimit = false,
): Job<T> {
  return scheduler._spawnNow(fn, options, group, beyondLimit);
}

/** `shield()` for a group. */
export function shieldIn<T>(
  scheduler: Scheduler,
  group: Group | undefined,
  work: PromiseLike<T> | JobFunction<T>,
  options?: { signal?: AbortSignal | undefined },
): Promise<T> {
  return scheduler._shield(work, options, group);
}

/** `drain()` of a group, or of the whole scheduler, that is not over before its `release()`. */
export function drainHeld(
  scheduler: Scheduler,
  group: Group | undefined,
  options: DrainOptions | undefined,
): Drain {
  return scheduler._drain(options, group, true);
}

/** Whoever calls this waits for the drain too: called from inside a job, that one is not waited for. */
export function joinDrain(scheduler: Scheduler, drain: Drain): void {
  scheduler._join(drain);
}

/** Whether anything of a group, or of the whole scheduler, is left to wait for. */
export function isBusy(scheduler: Scheduler, group: Group | undefined): boolean {
  return scheduler._busy(group, false) > 0;
}

/** The failure of this job is told elsewhere: not to the exception handler. */
export function claimFailure(job: Job): void {
  job._waiters += 1;
}

/**
 * Ends a job whose function has returned {@link toldLater}, as its promise would have: for whoever has to follow
 * that promise anyway, and so spares the job a second one.
 */
export function tellCompleted(job: Job, value: unknown): void {
  job._complete(value);
}

/** {@link tellCompleted}, for a rejection. */
export function tellFailed(job: Job, error: unknown): void {
  job._fail(error);
}

/** What becomes of a job, without becoming one of its waiters. */
export function settlementOf(job: Job): Promise<unknown> {
  return job._settled();
}

/** Makes a running job last, and hold its slot, until this has settled as well. */
export function extendUntil(job: Job, work: PromiseLike<unknown>): void {
  job._extendUntil(work);
}

/** Whether an error is just how a cancelled job obeyed. */
export function isCancellation(job: Job, error: unknown): boolean {
  return job._cancellation?.explains(error) === true;
}

/** The live jobs of a group, or of the whole scheduler. */
export function jobsOf(scheduler: Scheduler, group: Group | undefined): Job[] {
  return [...scheduler].filter((job) => group === undefined || job._group === group);
}

/** How many jobs spawned now would start at once. */
export function freeSlots(scheduler: Scheduler): number {
  return scheduler._freeSlots;
}

/** Has the one `listener` called when a slot may have become free, and when a drain is over. */
export function onFreeSlot(scheduler: Scheduler, listener: (() => void) | undefined): void {
  scheduler._onFreeSlot = listener;
}
