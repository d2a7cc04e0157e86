import type { Middleware } from 'koa';
import type { Atomic } from '@outlive/http';
import { makeAtomic } from '@outlive/http/internal';

/* oxlint-disable typescript/no-explicit-any -- Koa's own defaults of its type parameters */

/**
 * Runs a handler or middleware as a job: to its end whatever the client does, waited for when the server
 * closes, counted against the scheduler's `limit`. As a wrapper or as a method decorator. Must return
 * a promise, as everywhere in Koa.
 *
 * Errors reject the promise, and so reach Koa's own handling, once. Where there is no room the error has
 * status 503 and a `Retry-After` header.
 *
 * @throws TypeError at set-up for anything but a function or good options
 * @example
 * ```ts
 * import Koa from 'koa';
 * import { atomic, jobsMiddleware } from '@outlive/koa';
 *
 * const app = new Koa();
 * app.use(jobsMiddleware());
 * app.use(atomic(async (ctx) => {
 *   await new Promise((resolve) => setTimeout(resolve, 100)); // charge the card
 *   ctx.status = 201;
 * }, { timeout: 10_000 }));
 * ```
 */
export const atomic: Atomic<Middleware<any, any, any>> = makeAtomic({});
