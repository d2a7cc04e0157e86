import type { RequestHandler } from 'express';
import type { JobsOptions, Scheduler } from '@outlive/http';
import * as http from '@outlive/http/internal';
import { layers } from './layers.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const { bindRequest, groupOfRequest, refuseCaller, resolveJobsOptions } = http;

/** The middleware, with the scheduler that it serves, usable with no request. */
export type JobsMiddleware = RequestHandler & { readonly scheduler: Scheduler };

/**
 * Gives the requests that pass it a scheduler, and makes their server wait for their jobs when it
 * closes. Used in a sub-app or router, its scheduler wins there.
 *
 * @param options - of a scheduler to make, or the scheduler to use
 * @throws TypeError or RangeError at set-up for a bad option
 * @example
 * ```ts
 * import express from 'express';
 * import { jobsMiddleware, spawn } from '@outlive/express';
 *
 * const app = express();
 * app.use(jobsMiddleware({ limit: 50 }));
 * app.post('/orders', async (req, res) => {
 *   await spawn(req, async () => console.log('sending the receipt'));
 *   res.sendStatus(202);
 * });
 * ```
 */
export function jobsMiddleware(options?: JobsOptions | Scheduler): JobsMiddleware {
  const resolved = resolveJobsOptions(options);
  const { scheduler, drainOnClose } = resolved;
  const middleware: RequestHandler = function jobsMiddleware(req, res, next) {
    if (typeof next !== 'function' || typeof res.once !== 'function') {
      void refuseCaller('The jobs middleware of @outlive/express', [...arguments]);
      return;
    }
    const group = drainOnClose ? groupOfRequest(req, res, scheduler) : undefined;
    bindRequest(req, res, scheduler, group);
    next();
  };
  http.noteListener(middleware, resolved, layers);
  return Object.assign(middleware, { scheduler });
}
