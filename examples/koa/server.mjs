// @ts-check
import Router from '@koa/router';
import {
  after,
  atomic,
  disconnectSignal,
  gracefulShutdown,
  jobsMiddleware,
  readiness,
  requestSignal,
  spawn,
} from '@outlive/koa';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { charge, closeDatabase, drawUpReport, sendReceipt, warmCache } from './pretend.mjs';

const app = new Koa();
const router = new Router();
app.use(bodyParser()).use(jobsMiddleware()).use(router.routes());

// A background job: the client does not wait for it, the server does.
router.post('/orders', async (ctx) => {
  const { order } = /** @type {{ order: number }} */ (ctx.request.body);
  await spawn(ctx, ({ signal }) => sendReceipt(order, signal), { name: `receipt ${order}` });
  ctx.status = 202;
});

// Runs to its end, whether the client waits or not.
router.post(
  '/payments',
  atomic(async (ctx) => {
    const { order } = ctx.request.body;
    await charge(order, requestSignal(ctx));
    const left = disconnectSignal(ctx).aborted ? ', its client had left' : '';
    console.log(`payment booked for order ${order}${left}`);
    ctx.status = 201;
  }),
);

// Answers first, then gets ready for the next.
router.get('/products/:id', (ctx) => {
  const { id = '' } = ctx.params;
  after(ctx, ({ signal }) => warmCache(id, signal), { name: `cache ${id}` });
  ctx.body = { id, name: 'Teapot' };
});

// Expensive, and pointless once the client has left.
router.get('/report', async (ctx) => {
  const signal = requestSignal(ctx);
  try {
    ctx.body = await drawUpReport(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    console.log('report cancelled');
  }
});

const { PORT = '3000' } = process.env;
const server = app.listen(Number(PORT), () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`listening on port ${port}`);
});
const shutdown = gracefulShutdown(server, { onShutdown: closeDatabase, logger: console });
router.get('/ready', readiness(shutdown));
