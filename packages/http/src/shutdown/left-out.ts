import type { ServerResponse } from 'node:http';
import type { JobContext } from '@outlive/core';
import { expected, resolveFrom } from '@outlive/core/internal';
import type { RequestLike } from '../request/request-like.ts';
import { findRequestState } from '../request/lookup.ts';
import { requestOfJob, type RequestState } from '../request/request-state.ts';

/** What calls `shutdown()` and waits for it. */
export type ShutdownFrom = JobContext | RequestLike | readonly (JobContext | RequestLike)[];

/** The jobs and the responses that a shutdown leaves out, since they wait for it. */
export class LeftOut {
  readonly #jobs = new Set<JobContext>();
  readonly #requests = new Set<RequestState>();

  /** @throws TypeError for anything but jobs, and requests that a jobs middleware has seen */
  add(from: ShutdownFrom): void {
    const callers: readonly unknown[] = Array.isArray(from) ? from : [from];
    // All are looked at before the first is left out.
    for (const { jobs, request } of callers.map(resolveCaller)) {
      for (const job of jobs) this.#jobs.add(job);
      if (request !== undefined) this.#requests.add(request);
    }
  }

  get jobs(): readonly JobContext[] {
    return [...this.#jobs];
  }

  /** The jobs, and those that wait for the end of a response that is left out. */
  get jobsAndWaiting(): readonly JobContext[] {
    return [...this.#jobs, ...[...this.#requests].flatMap(({ waiting }) => waiting)];
  }

  hasRequest(request: RequestState): boolean {
    return this.#requests.has(request);
  }

  readonly hasResponse = ({ req }: ServerResponse): boolean => {
    const request = findRequestState(req);
    if (request === undefined) return false;
    const slot = request.heldSlot;
    return this.#requests.has(request) || (slot !== undefined && this.#jobs.has(slot));
  };
}

interface Caller {
  readonly jobs: readonly JobContext[];
  readonly request: RequestState | undefined;
}

function resolveCaller(caller: unknown): Caller {
  if (typeof caller === 'object' && caller !== null && !Array.isArray(caller)) {
    const request = findRequestState(caller);
    if (request !== undefined) return { jobs: request.callers, request };
    try {
      const jobs = resolveFrom(caller as JobContext);
      return { jobs, request: requestOfJob(caller as JobContext) };
    } catch {}
  }
  const allowed = 'a job, a request that a jobs middleware has seen, or an array of them';
  throw new TypeError(expected('from', allowed, caller));
}
