import type { Job } from '@outlive/core';

/** What knows the request: noted with a job, or with what it runs. */
interface Origin {
  readonly request?: object;
}

interface Work {
  readonly origin?: Origin;
  /** Of an atomic handler. */
  readonly state?: Origin;
  /** Of a job that is tried again. */
  readonly fn?: Work;
}

/** The raw request that a live job was spawned for, if it was. */
export function requestOf(job: Job): object | undefined {
  const { extras, work } = job as { extras?: { origin?: Origin }; work?: Work };
  const origin = extras?.origin ?? work?.origin ?? work?.state ?? work?.fn?.origin;
  return origin?.request;
}
