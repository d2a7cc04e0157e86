import type Application from 'koa';
import type { JobsOptions, Scheduler } from '@outlive/http';
import { schedulerOfApp, setUpApp } from '@outlive/http/internal';
import { jobsMiddleware } from './jobs-middleware.ts';

/**
 * `app.use(jobsMiddleware(options))`, and every server that `app.listen()` makes drains the whole
 * scheduler when it closes, from before its first request on.
 *
 * @returns the scheduler, also to be had from {@link getSchedulerFromApp}
 * @throws TypeError or RangeError for a bad option, TypeError for an app of another framework
 * @example
 * ```ts
 * import Koa from 'koa';
 * import { setup } from '@outlive/koa';
 *
 * const app = new Koa();
 * const scheduler = setup(app, { limit: 50 });
 * await scheduler.spawn(async () => console.log('no request needed'));
 * ```
 */
export function setup(app: Application, options?: JobsOptions | Scheduler): Scheduler {
  return setUpApp('Koa', app, () => jobsMiddleware(options));
}

/**
 * The scheduler of an app: of its {@link setup}, else of the last `jobsMiddleware()` that it uses;
 * `undefined` if it has none.
 *
 * @throws TypeError for an app of another framework
 * @example
 * ```ts
 * import Koa from 'koa';
 * import { getSchedulerFromApp, jobsMiddleware } from '@outlive/koa';
 *
 * const app = new Koa();
 * app.use(jobsMiddleware());
 * console.log(getSchedulerFromApp(app)?.limit); // 100
 * ```
 */
export function getSchedulerFromApp(app: Application): Scheduler | undefined {
  return schedulerOfApp('Koa', app, () => app.middleware);
}
