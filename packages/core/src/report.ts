import type { Job } from './job.ts';
import { writtenAs } from './util/printed-as.ts';

/** What became of the work that a drain or a close met. */
export interface DrainReport {
  /** Jobs that ended by themselves during the call. */
  completed: number;
  /** Jobs whose functions threw by themselves during the call. */
  failed: number;
  /** Were running, were cancelled (by anybody, before or during the call) and have settled. */
  cancelled: Job[];
  /** Were pending: their functions were never called. */
  neverStarted: Job[];
  /** Were cancelled and have not settled yet. */
  abandoned: Job[];
  /** Shielded work that has not settled yet. */
  shields: number;
}

/** Has a report written as plain data by `JSON.stringify()`; to `toEqual()` and the like it stays a plain object. */
export function toReport<R extends DrainReport>(report: R): R {
  writtenAs(report, (given) => JSON.parse(JSON.stringify({ ...given })) as object);
  return report;
}
