import type { DrainReport, Job } from '@outlive/core';
import { toReport } from '@outlive/core/internal';
import type { ShutdownLogger } from './logger.ts';

/** What a shutdown came to. */
export interface ShutdownReport extends DrainReport {
  /** The responses that were cut off, unfinished, when the time was up. */
  destroyedResponses: DestroyedResponse[];
}

export interface DestroyedResponse {
  readonly method: string | undefined;
  readonly url: string | undefined;
}

/** One report of several: each job stands once, where it has ended up. */
export function mergeReports(
  reports: readonly DrainReport[],
  last: readonly DrainReport[],
  destroyedResponses: DestroyedResponse[],
): ShutdownReport {
  const all = [...reports, ...last];
  const sum = (key: 'completed' | 'failed'): number =>
    all.reduce((total, report) => total + report[key], 0);
  const named = new Set<Job>(
    all.flatMap(({ cancelled, neverStarted, abandoned }) => [
      ...cancelled,
      ...neverStarted,
      ...abandoned,
    ]),
  );
  const jobs = [...named].toSorted((a, b) => a.spawnedAt - b.spawnedAt || a.id - b.id);
  return toReport({
    completed: sum('completed'),
    failed: sum('failed'),
    cancelled: jobs.filter((job) => job.outcome === 'cancelled' && job.startedAt !== undefined),
    neverStarted: jobs.filter((job) => job.outcome === 'cancelled' && job.startedAt === undefined),
    abandoned: jobs.filter((job) => !job.closed),
    shields: last.reduce((total, { shields }) => total + shields, 0),
    destroyedResponses,
  });
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
