import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { text } from 'node:stream/consumers';
import { atomic, type ExceptionContext, jobsListener, type JobsOptions } from '@outlive/http';
import { closeServer, listening } from '@outlive/test-support/server';
import type { App, Driver, Exchange, NativeHandler, Route, SetUp } from '../driver.ts';
import { collecting, handlerOf, messageOf } from './shared.ts';

type Listener = (req: IncomingMessage, res: ServerResponse) => unknown;

const bodies = new WeakMap<IncomingMessage, string>();

function exchange(args: readonly unknown[]): Exchange {
  const [req, res] = args as [IncomingMessage, ServerResponse];
  return {
    request: req,
    req,
    res,
    get body() {
      return bodies.get(req);
    },
    answer: (answer, status = 200) => {
      res.writeHead(status, { 'Content-Type': 'text/plain' }).end(answer);
    },
    redirect: (location) => {
      res.writeHead(302, { Location: location }).end();
    },
    stream: (body) => {
      pipeline(body, res, () => {});
    },
    takeOver: () => res,
  };
}

/** Plain `node:http`, whose error path is that of `jobsListener()`. */
export const http: Driver = {
  name: 'node:http',
  atomic,
  nestings: ['a listener within the listener'],
  hasErrorPath: false,
  exchange,
  build,
};

async function build({ jobs = {}, before, routes = {}, inner }: SetUp): Promise<App> {
  const reports: string[] = [];
  const told: ExceptionContext[] = [];
  const innerRoutes = inner && dispatch(inner.routes);
  const innerListener =
    inner === undefined || inner.jobs === false
      ? undefined
      : jobsListener(innerRoutes as Listener, splitting(reports, told, inner.jobs));
  const outerRoutes = dispatch(routes);
  const serve: Listener = (req, res) => {
    before?.(exchange([req, res]));
    if (!req.url?.startsWith('/inner')) return outerRoutes(req, res);
    req.url = req.url.slice('/inner'.length);
    return (innerListener ?? innerRoutes ?? outerRoutes)(req, res);
  };
  const jobsApp = jobs === false ? undefined : jobsListener(serve, splitting(reports, told, jobs));
  const target =
    jobsApp ??
    ((req: IncomingMessage, res: ServerResponse): void => {
      try {
        serve(req, res);
      } catch (error) {
        reports.push(messageOf(error));
        res.writeHead(500).end();
      }
    });
  const server = createServer(target);
  return {
    scheduler: jobsApp?.scheduler,
    innerScheduler: innerListener?.scheduler,
    reports,
    told,
    target,
    inject: undefined,
    listen: () => listening(server),
    close: () => closeServer(server),
  };
}

function dispatch(routes: Readonly<Record<string, Route>>): Listener {
  const handlers = new Map<string, NativeHandler>();
  for (const [path, route] of Object.entries(routes)) handlers.set(path, handlerOf(http, route));
  return (req, res) => {
    const handler = handlers.get(req.url ?? '');
    if (handler === undefined) return exchange([req, res]).answer('Not found', 404);
    if (req.headers['content-type'] !== 'text/plain') return handler(req, res);
    return text(req).then((body) => {
      bodies.set(req, body);
      return handler(req, res);
    });
  };
}

/** The exception handler is the error path as well: tells the two apart. */
function splitting(reports: string[], told: ExceptionContext[], options: JobsOptions): JobsOptions {
  if (options.scheduler !== undefined) return options;
  const { exceptionHandler, ...rest } = collecting(told, options);
  return {
    ...rest,
    exceptionHandler: (context, scheduler) => {
      if (context.message === 'Request failed') reports.push(messageOf(context.exception));
      else return exceptionHandler?.(context, scheduler);
    },
  };
}
