import { createServer } from 'node:http';
import { pipeline } from 'node:stream';
import { atomic, type ExceptionContext, jobsMiddleware } from '@outlive/express';
import type express from 'express';
import type { NextFunction, Request, RequestHandler, Response, Router } from 'express';
import { closeServer, listening } from '@outlive/test-support/server';
import type { App, Driver, Exchange, Route, SetUp } from '../driver.ts';
import { collecting, handlerOf, messageOf, statusOf } from './shared.ts';

function exchange(args: readonly unknown[]): Exchange {
  const [req, res] = args as [Request, Response];
  return {
    request: req,
    req,
    res,
    get body() {
      return req.body as unknown;
    },
    answer: (answer, status = 200) => {
      res.status(status).type('text/plain').send(answer);
    },
    redirect: (location) => {
      res.redirect(location);
    },
    stream: (body) => {
      pipeline(body, res, () => {});
    },
    takeOver: () => res,
  };
}

export function expressDriver(name: string, framework: typeof express): Driver {
  const driver: Driver = {
    name,
    atomic,
    nestings: ['a sub-app', 'a router'],
    hasErrorPath: true,
    exchange,
    build: (setUp) => build(driver, framework, setUp),
  };
  return driver;
}

async function build(
  driver: Driver,
  framework: typeof express,
  { jobs = {}, before, routes = {}, inner, defaultErrors }: SetUp,
): Promise<App> {
  const reports: string[] = [];
  const told: ExceptionContext[] = [];
  const app = framework();
  const middleware = jobs === false ? undefined : jobsMiddleware(collecting(told, jobs));
  if (middleware !== undefined) app.use(middleware);
  if (before !== undefined) {
    app.use((req, res, next) => {
      before(exchange([req, res]));
      next();
    });
  }
  app.use(framework.text());
  addRoutes(driver, app, routes);
  let innerScheduler: App['innerScheduler'];
  if (inner !== undefined) {
    const within = inner.nesting === 'a router' ? framework.Router() : framework();
    if (inner.jobs !== false) {
      const innerMiddleware = jobsMiddleware(collecting(told, inner.jobs));
      innerScheduler = innerMiddleware.scheduler;
      within.use(innerMiddleware);
    }
    addRoutes(driver, within, inner.routes);
    app.use('/inner', within);
  }
  if (defaultErrors !== true) {
    app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
      reports.push(messageOf(error));
      if (res.headersSent) next(error);
      else res.status(statusOf(error)).send('failed');
    });
  }
  const server = createServer(app);
  return {
    scheduler: middleware?.scheduler,
    innerScheduler,
    reports,
    told,
    target: app,
    inject: undefined,
    listen: () => listening(server),
    close: () => closeServer(server),
  };
}

function addRoutes(driver: Driver, app: Router, routes: Readonly<Record<string, Route>>): void {
  for (const [path, route] of Object.entries(routes)) {
    app.all(path, handlerOf(driver, route) as RequestHandler);
  }
}
