import { type ExceptionContext, Scheduler, type SchedulerOptions } from '@outlive/core';

/** A scheduler, and what its exception handler has been told so far. */
export function listeningScheduler(options?: SchedulerOptions): {
  scheduler: Scheduler;
  told: ExceptionContext[];
} {
  const told: ExceptionContext[] = [];
  const scheduler = new Scheduler({
    ...options,
    exceptionHandler: (context) => {
      told.push(context);
    },
  });
  return { scheduler, told };
}
