import type { ErrorRequestHandler, RequestHandler, RequestParamHandler } from 'express';
import type { Atomic } from '@outlive/http';
import { makeAtomic } from '@outlive/http/internal';

/* oxlint-disable typescript/no-explicit-any -- Express's own defaults of its type parameters */

/** Around whatever Express calls: handlers and middleware, error handlers, `app.param` callbacks. */
type ExpressAtomic = Atomic<RequestHandler<any, any, any, any, any>> &
  Atomic<ErrorRequestHandler<any, any, any, any, any>> &
  Atomic<RequestParamHandler>;

/**
 * Runs a handler as a job: to its end whatever the client does, waited for when the server closes,
 * counted against the scheduler's `limit`. Also for middleware, error-handling middleware and
 * `app.param` callbacks; as a wrapper or as a method decorator. The handler should return a promise: what
 * goes on after it has returned cannot be seen.
 *
 * Errors go to `next(err)`, once, in Express 4 and 5 alike. Where there is no room the error has status
 * 503, and the response a `Retry-After`.
 *
 * @throws TypeError at set-up for anything but a function or good options
 * @example
 * ```ts
 * import express from 'express';
 * import { atomic, jobsMiddleware } from '@outlive/express';
 *
 * const app = express();
 * app.use(express.json(), jobsMiddleware());
 * app.post('/payments', atomic(async (req, res) => {
 *   await new Promise((resolve) => setTimeout(resolve, 100)); // charge the card
 *   res.sendStatus(201);
 * }, { timeout: 10_000 }));
 * ```
 */
export const atomic: ExpressAtomic = makeAtomic({
  requestOf: (args) => args[isErrorHandlers(args) ? 1 : 0] as object,
  fail: (error, args) => {
    const next = args[isErrorHandlers(args) ? 3 : 2];
    // Called by something else than Express, as a method of a NestJS controller is.
    if (typeof next !== 'function') throw error;
    next(error);
  },
});

/** Of an error handler the third argument is not `next`. Its first is the error, which may be anything. */
function isErrorHandlers(args: readonly unknown[]): boolean {
  return args.length >= 4 && typeof args[2] !== 'function';
}
