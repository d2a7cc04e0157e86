import { Cancellation } from '../job/cancellation.ts';
import type { JobRecord } from '../job/record.ts';

/** A listener on the same signal may have come here before the job's own. */
export function cancelledByNow(job: JobRecord): boolean {
  const { signal } = job.options;
  if (signal?.aborted !== true) return false;
  job.owner.host.cancel(job, new Cancellation(signal.reason));
  return true;
}
