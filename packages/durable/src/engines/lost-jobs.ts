import { JobFailedError, JobStoreError } from '../errors.ts';

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

/** What a run failed with that ended with its process, or was cut off from the store, for longer than its lease. */
export function diedRun(): JobFailedError {
  return new JobFailedError('Its process died in this run, or was cut off from the store');
}

/** Jobs wait under a name that this process does not define. */
export function unknownName(store: string, name: string, count: number): JobStoreError {
  return new JobStoreError(
    `${store} holds ${count} waiting ${count === 1 ? 'job' : 'jobs'} named ${name}, which this process does not know: ` +
      "unless another one does, define that name, or give it as one of the `aliases` of the job's new name",
  );
}
