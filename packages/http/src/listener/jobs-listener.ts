import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Scheduler } from '@outlive/core';
import * as core from '@outlive/core/internal';
import { answerError } from './answer-error.ts';
import { answering } from './atomic.ts';
import { noteListener } from './find-by-listener.ts';
import { type JobsOptions, resolveJobsOptions } from './jobs-options.ts';
import { isRequestLike } from './wrong-caller.ts';
import { bindRequest } from '../request/lookup.ts';
import { groupOfRequest } from '../closing/registry.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const { expected, forgottenAwait, isThenable } = core;

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
  checkListener(listener);
  const serve = answering(listener);
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
      const returned: unknown = Reflect.apply(serve, this, [request, response]);
      if (isThenable(returned)) void Promise.resolve(returned).then(undefined, fail);
    } catch (error) {
      fail(error);
    }
  }
  noteListener(jobsRequestListener, resolved);
  return Object.assign(jobsRequestListener, { scheduler });
}

function checkListener(listener: unknown): void {
  if (typeof listener === 'function') return;
  const why = isRequestLike(listener)
    ? ': `jobsListener` was used as a listener, and only makes one: createServer(jobsListener(listener))'
    : forgottenAwait(listener);
  throw new TypeError(expected('listener', 'a function', listener) + why);
}
