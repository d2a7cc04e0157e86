import type { Server } from 'node:http';
import type { Scheduler } from '@outlive/core';
import { isScheduler } from '@outlive/core/internal';
import { drainOnClose } from '../closing/drain-on-close.ts';
import { checkApp, refuseOtherApps } from './frameworks.ts';

/** What an app of Express and one of Koa have in common. */
interface App<Middleware> {
  use(middleware: Middleware): unknown;
  listen(...args: never[]): Server;
}

interface WithScheduler {
  readonly scheduler: Scheduler;
}

const schedulers = new WeakMap<object, Scheduler>();

/**
 * Has the app use a jobs middleware, and each server that it makes to listen drain the whole scheduler.
 *
 * @throws TypeError for an app of another framework, before anything is made
 */
export function setUpApp<M extends WithScheduler>(
  framework: 'Express' | 'Koa',
  app: App<NoInfer<M>>,
  makeMiddleware: () => M,
): Scheduler {
  checkApp(framework, app);
  const middleware = makeMiddleware();
  const { scheduler } = middleware;
  app.use(middleware);
  schedulers.set(app, scheduler);
  const { listen } = app;
  app.listen = function listenAndDrain(this: typeof app, ...args: never[]): Server {
    const server = Reflect.apply(listen, this, args);
    drainOnClose(server, scheduler);
    return server;
  };
  return scheduler;
}

/**
 * The scheduler of an app that was set up, else that of the last jobs middleware among those that the
 * app uses.
 *
 * @throws TypeError for an app of another framework
 */
export function schedulerOfApp(
  framework: 'Express' | 'Koa',
  app: object,
  middleware: () => readonly unknown[],
): Scheduler | undefined {
  refuseOtherApps(framework, app);
  return schedulers.get(app) ?? middleware().findLast(isJobsMiddleware)?.scheduler;
}

function isJobsMiddleware(middleware: unknown): middleware is WithScheduler {
  return (
    typeof middleware === 'function' &&
    isScheduler((middleware as Partial<WithScheduler>).scheduler)
  );
}
