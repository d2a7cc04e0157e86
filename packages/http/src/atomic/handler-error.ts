import { JobCancelledError, type Scheduler, SchedulerClosedError } from '@outlive/core';
import { isCancellation, type JobRecord } from '@outlive/core/internal';
import type { ServiceUnavailable } from '../errors.ts';

const retryAfter = '1';

/** The part of a response that an overload answer touches. */
export interface HeaderTarget {
  headersSent: boolean;
  setHeader(name: string, value: string): unknown;
}

/** Makes an error one that the framework answers with 503, and asks the client to come back. */
function unavailable<E extends object>(error: E, response: HeaderTarget): E & ServiceUnavailable {
  if (!response.headersSent) response.setHeader('Retry-After', retryAfter);
  return Object.assign(error, {
    status: 503,
    statusCode: 503,
    expose: true,
    headers: { 'Retry-After': retryAfter },
  } as const);
}

/** What the framework gets when a handler got no slot: the error of the refusal, as a 503. */
export function refusal(error: unknown, response: HeaderTarget): unknown {
  if (codeOf(error) === 'ERR_PENDING_LIMIT' || codeOf(error) === 'ERR_SCHEDULER_CLOSED') {
    return unavailable(error as Error, response);
  }
  // A drain ended while the call waited for room. One error serves all such calls: each gets its own.
  if (codeOf(error) === 'ERR_JOB_CANCELLED') {
    const cause = (error as Error).cause ?? error;
    return unavailable(new JobCancelledError(undefined, { cause }), response);
  }
  return error;
}

/** What the framework gets when the job of a handler has failed, or was cancelled before its start. */
export function handlerError(
  error: unknown,
  job: JobRecord,
  { scheduler: { closed }, response }: { scheduler: Scheduler; response: HeaderTarget },
): unknown {
  if (isCancellation(job, error)) {
    // Pending until the scheduler closed: the same answer as if it had come after.
    if (job.startedAt === undefined && closed) {
      return unavailable(new SchedulerClosedError(undefined, { cause: error }), response);
    }
    const cause = codeOf(error) === 'ERR_JOB_CANCELLED' ? ((error as Error).cause ?? error) : error;
    return unavailable(new JobCancelledError(undefined, { cause }), response);
  }
  // Frameworks take a nullish error for none: Express would go on to its 404, Koa would never answer.
  return error ?? new Error('Rejected promise');
}

/** Not by `instanceof`: the scheduler, and so its errors, may be of another copy of the core. */
function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}
