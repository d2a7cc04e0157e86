import type { Job } from '@outlive/core';

/** The raw request that a live job was spawned for: `@outlive/http` notes it with the job. */
export function requestOf(job: Job): object | undefined {
  const { extras, work } = job as {
    extras?: { origin?: { request?: object } };
    work?: { state?: { request?: object } };
  };
  return extras?.origin?.request ?? work?.state?.request;
}
