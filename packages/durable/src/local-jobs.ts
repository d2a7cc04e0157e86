import type { Scheduler } from '@outlive/core';

let warned = false;

/**
 * Says once in a process that a defined job runs without a store: where one was meant, by a forgotten `await` or another
 * scheduler in the middleware, all would seem well until a restart loses the jobs.
 */
export function warnAboutLocalJob(name: string, { localJobs }: Scheduler): void {
  if (warned || localJobs || process.env['NODE_ENV'] === 'test') return;
  warned = true;
  process.emitWarning(
    `The job ${name} runs in this process alone, since its scheduler has no store: a restart loses it. ` +
      'Give the middleware what `await openJobs()` resolves to, or the scheduler the option localJobs: true',
    { type: 'OutliveWarning', code: 'OUTLIVE_LOCAL_JOB' },
  );
}
