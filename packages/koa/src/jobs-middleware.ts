import type { Context, Middleware } from 'koa';
import type { JobsOptions, Scheduler } from '@outlive/http';
import * as http from '@outlive/http/internal';
import { AppErrors } from './app-errors.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const { bindRequest, groupOfRequest, refuseCaller, resolveJobsOptions } = http;

/** The middleware, with the scheduler that it serves, usable with no request. */
export type JobsMiddleware = Middleware & { readonly scheduler: Scheduler };

/**
 * Gives the requests that pass it a scheduler, and makes their server wait for their jobs when it
 * closes. Used in a mounted app, its scheduler wins there. Failures of jobs that nobody waits for are
 * emitted as the app's `'error'`, unless an `exceptionHandler` is given.
 *
 * @param options - of a scheduler to make, or the scheduler to use
 * @throws TypeError or RangeError at set-up for a bad option
 * @example
 * ```ts
 * import Koa from 'koa';
 * import { jobsMiddleware, spawn } from '@outlive/koa';
 *
 * const app = new Koa();
 * app.use(jobsMiddleware({ limit: 50 }));
 * app.use(async (ctx) => {
 *   await spawn(ctx, async () => console.log('sending the receipt'));
 *   ctx.status = 202;
 * });
 * ```
 */
export function jobsMiddleware(options?: JobsOptions | Scheduler): JobsMiddleware {
  const errors = new AppErrors();
  const { scheduler, drainOnClose } = resolveJobsOptions(options, errors.handler);
  function jobsMiddleware(
    ctx: Context,
    next: () => Promise<unknown>,
  ): Promise<unknown> | undefined {
    if (typeof next !== 'function' || ctx.req === undefined) {
      return refuseCaller('The jobs middleware of @outlive/koa', [...arguments]);
    }
    errors.app = ctx.app;
    const group = drainOnClose ? groupOfRequest(ctx.req, ctx.res, scheduler) : undefined;
    bindRequest(ctx.req, ctx.res, scheduler, group);
    return next();
  }
  return Object.assign(jobsMiddleware as Middleware, { scheduler });
}
