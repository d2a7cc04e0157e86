import { createServer, type Server } from 'node:http';
import { getRequestListener, serve } from '@hono/node-server';
import { atomic, jobsListener, spawn } from '@outlive/http';
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Recipe } from './recipe.ts';

/** What is behind it runs as a job. */
const asJob = createMiddleware(async (c, next) => {
  const job = await spawn(c, () => next(), { name: c.req.path, priority: 1 });
  await job.wait();
});

/** Every handler of the app is atomic. */
export const honoAtomicApp: Recipe = {
  name: 'Hono, the whole app atomic',
  isAtomic: true,
  build: async (work, options) => {
    const app = new Hono().get('/work', async (c) => c.text(await work(c)));
    const listener = jobsListener(atomic(getRequestListener(app.fetch)), options);
    return { server: createServer(listener), scheduler: listener.scheduler, path: '/work' };
  },
};

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

/** A server that the framework makes: jobs are given to its requests ahead of the framework's own listener. */
export const honoServe: Recipe = {
  name: 'Hono, by serve()',
  isAtomic: false,
  build: async (work, options) => {
    const app = new Hono().get('/work', asJob, async (c) => c.text(await work(c)));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
    const jobs = jobsListener(() => {}, options);
    server.prependListener('request', jobs);
    return { server, scheduler: jobs.scheduler, path: '/work' };
  },
};
