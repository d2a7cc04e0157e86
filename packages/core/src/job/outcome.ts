import type { JobContext } from '../job.ts';
import type { JobRecord } from './record.ts';

// How a job ended, for code that is none of its waiters.

/** The failure of this job is reported elsewhere: not to the exception handler. */
export function markHandled(job: JobRecord): void {
  job.waiters += 1;
}

/** For the exception handler, should this running job fail: what its package knows of it. */
export function noteDetail(job: JobContext, detail: string): void {
  (job as JobRecord).extend().detail = detail;
}

/** What becomes of a job. */
export function settlementOf<T>(job: JobRecord<T>): Promise<T> {
  return job.settled() as Promise<T>;
}

/** Whether an error is just how a cancelled job obeyed. */
export function isCancellation(job: JobRecord, error: unknown): boolean {
  return job.cancellation?.explains(error) === true;
}
