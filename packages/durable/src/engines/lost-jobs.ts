import { JobFailedError } from '../errors.ts';

/** Something in the queue that another program has put there: no handler of ours knows what to do with it. */
export function foreignJob(name: string, id: string): JobFailedError {
  return new JobFailedError(
    `Job ${name} ${id} failed for good: it was not stored by Outlive, and has no payload that Outlive knows`,
  );
}

/** The last run ended with its process, without a word. */
export function diedJob(name: string, id: string): JobFailedError {
  return new JobFailedError(`Job ${name} ${id} failed for good: its process died in its last run`);
}
