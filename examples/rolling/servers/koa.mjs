// @ts-check
import { atomic, gracefulShutdown, readiness, setup, spawn } from '@outlive/koa';
import Koa from 'koa';
import { stopAtOnce } from './stop-at-once.mjs';

/** @param {import('./shop.mjs').Shop} shop */
export function serveWithOutlive({ book, deliver, delay }) {
  const app = new Koa();
  setup(app);
  const order = atomic(async (ctx) => {
    await book();
    await spawn(ctx, () => deliver(idOf(ctx)));
    ctx.status = 202;
  });
  app.use((ctx, next) => (ctx.path === '/ready' ? ready(ctx, next) : order(ctx)));
  const server = app.listen(0, '127.0.0.1');
  const ready = readiness(gracefulShutdown(server, { delay }));
  return server;
}

/** @param {import('./shop.mjs').Shop} shop */
export function serveWithout({ book, deliver }) {
  const app = new Koa();
  app.use(async (ctx) => {
    if (ctx.path === '/ready') {
      ctx.body = 'ready';
      return;
    }
    await book();
    void deliver(idOf(ctx));
    ctx.status = 202;
  });
  const server = app.listen(0, '127.0.0.1');
  stopAtOnce(server);
  return server;
}

/** @param {Koa.Context} ctx */
function idOf({ path }) {
  return path.replace('/orders/', '');
}
