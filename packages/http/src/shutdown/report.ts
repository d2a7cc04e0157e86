import type { DrainReport, Job, Scheduler } from '@outlive/core';
import { toReport } from '@outlive/core/internal';
import type { ShutdownLogger } from './logger.ts';

/** What a shutdown came to. */
export interface ShutdownReport extends DrainReport {
  /** The responses that were cut off, unfinished, when the time was up. */
  destroyedResponses: DestroyedResponse[];
}

/** A response that was cut off, by its request. */
export interface DestroyedResponse {
  /** As the client sent it: `GET`. */
  readonly method: string | undefined;
  /** As the client sent it: path and query. */
  readonly url: string | undefined;
}

/** What one drain has reported. */
export interface Drained {
  readonly scheduler: Scheduler;
  /** Of all that the scheduler does; else of the jobs of one server. */
  readonly whole: boolean;
  readonly report: DrainReport;
}

/** One report of several: each job stands once, where it has ended up. */
export function mergeReports(
  drained: readonly Drained[],
  last: readonly DrainReport[],
  destroyedResponses: DestroyedResponse[],
): ShutdownReport {
  const all = [...drained.map(({ report }) => report), ...last];
  const named = new Set<Job>(
    all.flatMap(({ cancelled, neverStarted, abandoned }) => [
      ...cancelled,
      ...neverStarted,
      ...abandoned,
    ]),
  );
  const jobs = [...named].toSorted((a, b) => a.spawnedAt - b.spawnedAt || a.id - b.id);
  return toReport({
    completed: count('completed', drained, last),
    failed: count('failed', drained, last),
    cancelled: jobs.filter((job) => job.outcome === 'cancelled' && job.startedAt !== undefined),
    neverStarted: jobs.filter((job) => job.outcome === 'cancelled' && job.startedAt === undefined),
    abandoned: jobs.filter((job) => !job.closed),
    shields: last.reduce((total, { shields }) => total + shields, 0),
    destroyedResponses,
  });
}

/** Servers that share a scheduler and end together have each drained all of it: that counts once. */
function count(
  key: 'completed' | 'failed',
  drained: readonly Drained[],
  last: readonly DrainReport[],
): number {
  let total = 0;
  const wholes = new Map<Scheduler, number>();
  for (const { scheduler, whole, report } of drained) {
    if (whole) wholes.set(scheduler, Math.max(wholes.get(scheduler) ?? 0, report[key]));
    else total += report[key];
  }
  for (const each of [...wholes.values(), ...last.map((report) => report[key])]) total += each;
  return total;
}

/** Whether everything finished. */
export function isClean(report: ShutdownReport): boolean {
  const { cancelled, neverStarted, abandoned, shields, destroyedResponses } = report;
  return (
    cancelled.length + neverStarted.length + abandoned.length + destroyedResponses.length === 0 &&
    shields === 0
  );
}

export function logReport(logger: ShutdownLogger, report: ShutdownReport): void {
  if (isClean(report)) {
    logger.info(`shut down: ${report.completed} completed, ${report.failed} failed`);
    return;
  }
  for (const kind of ['cancelled', 'neverStarted', 'abandoned'] as const) {
    for (const { id, name = '' } of report[kind]) logger.warn(`${kind}: job ${id} ${name}`.trim());
  }
  for (const { method, url } of report.destroyedResponses) {
    logger.warn(`response destroyed: ${method} ${url}`);
  }
}
