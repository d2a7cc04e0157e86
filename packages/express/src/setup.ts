import type { Application } from 'express';
import type { JobsOptions, Scheduler } from '@outlive/http';
import { schedulerOfApp, setUpApp } from '@outlive/http/internal';
import { jobsMiddleware } from './jobs-middleware.ts';
import { layers } from './layers.ts';

/**
 * `app.use(jobsMiddleware(options))`, and every server that `app.listen()` makes drains the whole
 * scheduler when it closes, from before its first request on.
 *
 * @returns the scheduler, also to be had from {@link getSchedulerFromApp}
 * @throws TypeError or RangeError for a bad option, TypeError for an app of another framework
 * @example
 * ```ts
 * import express from 'express';
 * import { setup } from '@outlive/express';
 *
 * const app = express();
 * const scheduler = setup(app, { limit: 50 });
 * await scheduler.spawn(async () => console.log('no request needed'));
 * ```
 */
export function setup(app: Application, options?: JobsOptions | Scheduler): Scheduler {
  return setUpApp('Express', app, () => jobsMiddleware(options));
}

/**
 * The scheduler of an app: of its {@link setup}, else of the last `jobsMiddleware()` that it uses;
 * `undefined` if it has none. A sub-app knows its own only.
 *
 * @throws TypeError for an app of another framework
 * @example
 * ```ts
 * import express from 'express';
 * import { getSchedulerFromApp, jobsMiddleware } from '@outlive/express';
 *
 * const app = express();
 * app.use(jobsMiddleware());
 * console.log(getSchedulerFromApp(app)?.limit); // 100
 * ```
 */
export function getSchedulerFromApp(app: Application): Scheduler | undefined {
  return schedulerOfApp('Express', app, () => layers(app));
}
