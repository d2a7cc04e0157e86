import type { JobControl, JobLookup, JobRuns } from '../backend-operations.ts';
import { UnsupportedError } from '../errors.ts';

interface Operations {
  readonly lookup: JobLookup;
  readonly control: JobControl;
  readonly runs: JobRuns;
}

/** For a store that cannot look jobs up yet. */
export function operationsToCome(store: string): Operations {
  const refuse = (feature: string) => async (): Promise<never> => {
    throw new UnsupportedError(store, feature);
  };
  return {
    lookup: { get: refuse('get()'), list: refuse('list()'), ended: refuse('wait()') },
    control: {
      retry: refuse('retry()'),
      retryAll: refuse('retryAll()'),
      cancel: refuse('cancel()'),
      discard: refuse('discard()'),
      pause: refuse('pause()'),
      resume: refuse('resume()'),
    },
    runs: { progress: async () => true, cancelled: async () => [] },
  };
}
