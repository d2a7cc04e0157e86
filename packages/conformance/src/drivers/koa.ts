import { createServer, type RequestListener } from 'node:http';
import { atomic, type ExceptionContext, jobsMiddleware } from '@outlive/koa';
import type Koa from 'koa';
import type { Context, Middleware, Next } from 'koa';
import bodyParser from 'koa-bodyparser';
import mount from 'koa-mount';
import { closeServer, listening } from '@outlive/test-support/server';
import type { App, Driver, Exchange, NativeHandler, Route, SetUp } from '../driver.ts';
import { collecting, handlerOf, messageOf } from './shared.ts';

function exchange(args: readonly unknown[]): Exchange {
  const [ctx] = args as [Context];
  return {
    request: ctx,
    req: ctx.req,
    res: ctx.res,
    get body() {
      return ctx.request.body;
    },
    answer: (answer, status = 200) => {
      ctx.status = status;
      ctx.body = answer;
    },
    redirect: (location) => {
      ctx.redirect(location);
    },
    stream: (body) => {
      ctx.body = body;
    },
    takeOver: () => {
      ctx.respond = false;
      ctx.res.statusCode = 200;
      return ctx.res;
    },
  };
}

export function koaDriver(name: string, framework: typeof Koa): Driver {
  const driver: Driver = {
    name,
    atomic,
    nestings: ['a mounted app', 'the callback of an inner app'],
    hasErrorPath: true,
    exchange,
    build: (setUp) => build(driver, framework, setUp),
  };
  return driver;
}

async function build(
  driver: Driver,
  framework: typeof Koa,
  { jobs = {}, before, routes = {}, inner }: SetUp,
): Promise<App> {
  const reports: string[] = [];
  const told: ExceptionContext[] = [];
  const onError = (error: unknown): void => {
    reports.push(messageOf(error));
  };
  const app = new framework().on('error', onError);
  const middleware = jobs === false ? undefined : jobsMiddleware(collecting(told, jobs));
  if (middleware !== undefined) app.use(middleware);
  if (before !== undefined) {
    app.use((ctx, next) => {
      before(exchange([ctx]));
      return next();
    });
  }
  app.use(bodyParser({ enableTypes: ['text'] }));
  let innerScheduler: App['innerScheduler'];
  if (inner !== undefined) {
    const within = new framework().on('error', onError);
    if (inner.jobs !== false) {
      const innerMiddleware = jobsMiddleware(collecting(told, inner.jobs));
      innerScheduler = innerMiddleware.scheduler;
      within.use(innerMiddleware);
    }
    within.use(dispatch(driver, inner.routes));
    app.use(inner.nesting === 'a mounted app' ? mount('/inner', within) : handOver(within));
  }
  app.use(dispatch(driver, routes));
  const target = app.callback() as RequestListener;
  const server = createServer(target);
  return {
    scheduler: middleware?.scheduler,
    innerScheduler,
    reports,
    told,
    target,
    inject: undefined,
    listen: () => listening(server),
    close: () => closeServer(server),
  };
}

function dispatch(driver: Driver, routes: Readonly<Record<string, Route>>): Middleware {
  const handlers = new Map<string, NativeHandler>();
  for (const [path, route] of Object.entries(routes)) handlers.set(path, handlerOf(driver, route));
  return (ctx, next) => {
    const handler = handlers.get(ctx.path);
    return handler === undefined ? next() : handler(ctx, next);
  };
}

/** Hands what is below `/inner` to another app as a whole. */
function handOver(app: Koa): Middleware {
  const callback = app.callback();
  return async (ctx: Context, next: Next) => {
    if (!ctx.path.startsWith('/inner')) {
      await next();
      return;
    }
    ctx.respond = false;
    ctx.req.url = ctx.path.slice('/inner'.length);
    await callback(ctx.req, ctx.res);
  };
}
