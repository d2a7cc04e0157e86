import { JobCancelledError } from '@outlive/core';

/** Why a stored job has ended, or has to: it was cancelled by its id. */
export function cancelledJob(name: string, id: string): JobCancelledError {
  return new JobCancelledError(`The job ${name} ${id} was cancelled`);
}
