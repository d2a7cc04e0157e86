import type { Scheduler } from '@outlive/core';
import { checkScheduler } from '@outlive/core/internal';
import { type FailureLog, failuresOf } from './live/failure-log.ts';
import { isStore, type JobStore } from './stored/job-store.ts';

/** One scheduler that the page shows. */
export interface Source {
  readonly scheduler: Scheduler;
  readonly failures: FailureLog;
  /** Of durable jobs: what is in their store. */
  readonly store: JobStore | undefined;
}

/** @throws TypeError for anything but schedulers, one at least */
export function resolveSources(target: unknown, name: string = 'scheduler'): readonly Source[] {
  const given: readonly unknown[] = Array.isArray(target)
    ? [...new Set<unknown>(target)]
    : [target];
  if (given.length === 0) throw new TypeError(`Expected \`${name}\` to have a Scheduler, got none`);
  return given.map((each) => {
    const scheduler = checkScheduler(name, each);
    return {
      scheduler,
      failures: failuresOf(scheduler),
      store: isStore(scheduler) ? scheduler : undefined,
    };
  });
}
