import { atomic, type ExceptionContext, jobsPlugin } from '@outlive/fastify';
import type { fastify, FastifyInstance, FastifyReply, FastifyRequest, RouteHandler } from 'fastify';
import type { App, Driver, Exchange, Route, SetUp } from '../driver.ts';
import { collecting, handlerOf, messageOf, statusOf } from './shared.ts';

function exchange(args: readonly unknown[]): Exchange {
  const [request, reply] = args as [FastifyRequest, FastifyReply];
  return {
    request,
    req: request.raw,
    res: reply.raw,
    get body() {
      return request.body;
    },
    answer: (answer, status = 200) => {
      reply.code(status).type('text/plain');
      return answer;
    },
    redirect: (location) => reply.redirect(location),
    stream: (body) => reply.send(body),
    takeOver: () => {
      reply.hijack();
      return reply.raw;
    },
  };
}

export function fastifyDriver(name: string, framework: typeof fastify): Driver {
  const driver: Driver = {
    name,
    atomic,
    nestings: ['an encapsulated plugin'],
    hasErrorPath: true,
    exchange,
    build: (setUp) => build(driver, framework, setUp),
  };
  return driver;
}

async function build(
  driver: Driver,
  framework: typeof fastify,
  { jobs = {}, before, routes = {}, inner, defaultErrors }: SetUp,
): Promise<App> {
  const reports: string[] = [];
  const told: ExceptionContext[] = [];
  const app = framework({ logger: { level: 'error', stream: logTo(reports) } });
  // An upload that is left to the handler.
  app.addContentTypeParser('application/octet-stream', (_request, _payload, done) => {
    done(null);
  });
  if (jobs !== false) await app.register(jobsPlugin, collecting(told, jobs));
  if (before !== undefined) {
    app.addHook('onRequest', (request, reply, done) => {
      before(exchange([request, reply]));
      done();
    });
  }
  if (defaultErrors !== true) {
    app.setErrorHandler((error, _request, reply) => {
      reports.push(messageOf(error));
      return reply.code(statusOf(error)).send('failed');
    });
  }
  addRoutes(driver, app, routes);
  let innerScheduler: App['innerScheduler'];
  if (inner !== undefined) {
    const plugin = async (child: FastifyInstance): Promise<void> => {
      if (inner.jobs !== false) {
        await child.register(jobsPlugin, collecting(told, inner.jobs));
        innerScheduler = child.scheduler;
      }
      addRoutes(driver, child, inner.routes);
    };
    await app.register(plugin, { prefix: '/inner' });
  }
  await app.ready();
  return {
    scheduler: jobs === false ? undefined : app.scheduler,
    innerScheduler,
    reports,
    told,
    target: app.server,
    inject: async (path) => (await app.inject(path)).payload,
    listen: async () => {
      await app.listen({ port: 0, host: '127.0.0.1' });
      return app.server;
    },
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

function addRoutes(
  driver: Driver,
  app: FastifyInstance,
  routes: Readonly<Record<string, Route>>,
): void {
  for (const [path, route] of Object.entries(routes)) {
    app.all(path, handlerOf(driver, route) as RouteHandler);
  }
}

/** Collects what Fastify itself reports. */
function logTo(reports: string[]): { write(line: string): void } {
  return {
    write: (line) => {
      const { err, msg } = JSON.parse(line) as { err?: { message: string }; msg: string };
      reports.push(err?.message ?? msg);
    },
  };
}
