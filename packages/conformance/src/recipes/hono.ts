import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import { getRequestListener, serve } from '@hono/node-server';
import { atomic, jobsListener, type Scheduler, spawn } from '@outlive/http';
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Recipe, Work } from './recipe.ts';

function appOf(work: Work): Hono {
  return new Hono().get('/work', async (c) => c.text(await work(c)));
}

/** Every handler of the app is atomic. */
export const honoAtomicApp: Recipe = {
  name: 'Hono, the whole app atomic',
  isAtomic: true,
  build: async (work, options) => {
    const listener = jobsListener(atomic(getRequestListener(appOf(work).fetch)), options);
    return { server: createServer(listener), scheduler: listener.scheduler, path: '/work' };
  },
};

/** What is behind it runs as a job. */
const asJob = createMiddleware(async (c, next) => {
  const job = await spawn(c, () => next(), { name: c.req.path, priority: 1 });
  await job.wait();
});

/** Some routes run as jobs. */
export const honoRoute: Recipe = {
  name: 'Hono, one route as a job',
  isAtomic: false,
  build: async (work, options) => {
    const app = new Hono().get('/work', asJob, async (c) => c.text(await work(c)));
    const listener = jobsListener(getRequestListener(app.fetch), options);
    return { server: createServer(listener), scheduler: listener.scheduler, path: '/work' };
  },
};

/** A server that `serve()` makes. */
export const honoServe: Recipe = {
  name: 'Hono, by serve()',
  isAtomic: true,
  build: async (work, options) => {
    let scheduler: Scheduler | undefined;
    const server = serve({
      fetch: appOf(work).fetch,
      port: 0,
      hostname: '127.0.0.1',
      createServer: ((serverOptions: ServerOptions, handler: RequestListener) => {
        const listener = jobsListener(atomic(handler), options);
        scheduler = listener.scheduler;
        return createServer(serverOptions, listener);
      }) as typeof createServer,
    });
    return { server, scheduler, path: '/work' } as Awaited<ReturnType<Recipe['build']>>;
  },
};
