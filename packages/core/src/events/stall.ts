import type { Job } from '../job.ts';
import { schedulerStall } from './channels.ts';
import type { SchedulerStallEventOf } from './payloads.ts';
import { publish } from './publish.ts';

/** Jobs that a warning names. */
const mostNamed = 10;

/** Publishes that a scheduler is stalled, and prints a process warning that names the jobs. */
export function reportStall(event: SchedulerStallEventOf<object>): void {
  process.emitWarning(textOf(event), { type: 'OutliveWarning', code: 'OUTLIVE_STALL' });
  if (schedulerStall.hasSubscribers) publish(schedulerStall, event);
}

function textOf({ scheduler, stalledFor, active, pending }: SchedulerStallEventOf<object>): string {
  const { name } = scheduler as { name?: string };
  const which = name === undefined ? '' : ` ${JSON.stringify(name)}`;
  const now = Date.now();
  const jobs = active.slice(0, mostNamed).map((job) => described(job, now));
  if (active.length > mostNamed) jobs.push(`${active.length - mostNamed} more`);
  return (
    `The scheduler${which} is stalled: for ${seconds(stalledFor)} no job has settled, all slots are taken, and ` +
    `${pending} ${pending === 1 ? 'job waits' : 'jobs wait'}. Running: ${jobs.join(', ')}. They hang, or wait for jobs that wait for their slots; ` +
    'see the option stallTimeout'
  );
}

function described({ id, name, startedAt = NaN }: Job, now: number): string {
  const named = name === undefined ? '' : ` ${JSON.stringify(name)}`;
  return `job ${id}${named} for ${seconds(now - startedAt)}`;
}

function seconds(ms: number): string {
  return `${Math.round(Math.max(0, ms) / 100) / 10} s`;
}
