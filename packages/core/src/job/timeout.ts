import { JobTimeoutError, withoutStack } from '../errors.ts';
import { Timer } from '../util/timer.ts';
import { Cancellation } from './cancellation.ts';
import type { JobRecord } from './record.ts';

/** Cancels a running job when its own time (ms) is over. */
export function armTimeout(job: JobRecord, timeout: number): void {
  job.extend().timer = new Timer(timeout, () => {
    const reason = withoutStack(
      () => new JobTimeoutError(`The job ran for more than ${timeout} ms`),
    );
    job.owner.host.cancel(job, new Cancellation(reason));
  });
}
