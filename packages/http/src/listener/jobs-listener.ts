import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Scheduler } from '@outlive/core';
import * as core from '@outlive/core/internal';
import { answerError } from './answer-error.ts';
import { noteListener } from './find-by-listener.ts';
import { type JobsOptions, resolveJobsOptions } from './jobs-options.ts';
import type { Atomic } from '../atomic/atomic.ts';
import { makeAtomic } from '../atomic/make-atomic.ts';
import { bindRequest } from '../request/lookup.ts';
import { groupOfRequest } from '../closing/registry.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const { checkFunction, isThenable } = core;

/**
 * Gives the requests of a plain `node:http` server a scheduler: what `jobsMiddleware()` is for a
 * framework. A listener that throws or rejects is answered with 500 (or its response is cut, if that had
 * begun) and reported to the exception handler, once.
 *
 * @param options - of a scheduler to make, or the scheduler to use
 * @returns the listener, with the scheduler as a property
 * @throws TypeError or RangeError at set-up for a bad option
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { jobsListener, spawn } from '@outlive/http';
 *
 * const listener = jobsListener(async (req, res) => {
 *   await spawn(req, async () => console.log('working on'));
 *   res.writeHead(202).end();
 * }, { limit: 50 });
 * createServer(listener);
 * console.log(listener.scheduler.limit); // 50
 * ```
 */
export function jobsListener(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  options?: JobsOptions | Scheduler,
): RequestListener & { readonly scheduler: Scheduler } {
  checkFunction('listener', listener);
  const resolved = resolveJobsOptions(options);
  const { scheduler, drainOnClose } = resolved;
  function jobsRequestListener(
    this: unknown,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const group = drainOnClose ? groupOfRequest(request, response, scheduler) : undefined;
    bindRequest(request, response, scheduler, group);
    const fail = (error: unknown): void => {
      answerError(response, scheduler, error);
    };
    try {
      const returned: unknown = Reflect.apply(listener, this, [request, response]);
      if (isThenable(returned)) void Promise.resolve(returned).then(undefined, fail);
    } catch (error) {
      fail(error);
    }
  }
  noteListener(jobsRequestListener, resolved);
  return Object.assign(jobsRequestListener, { scheduler });
}

/**
 * Runs a `(req, res)` listener as a job: to its end whatever the client does, waited for when the server
 * closes, counted against the scheduler's `limit`. An atomic handler called by another of the same
 * request runs in the slot that it holds. Goes inside {@link jobsListener}, which takes its errors.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { atomic, jobsListener } from '@outlive/http';
 *
 * createServer(jobsListener(atomic(async (req, res) => {
 *   for await (const chunk of req) void chunk;
 *   res.end('charged');
 * }, { timeout: 10_000 })));
 * ```
 */
export const atomic: Atomic<(request: IncomingMessage, response: ServerResponse) => unknown> =
  makeAtomic({
    fail: (error, _args, { response, scheduler }) => {
      answerError(response, scheduler, error);
    },
  });
