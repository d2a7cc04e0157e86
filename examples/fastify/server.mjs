// @ts-check
import {
  after,
  atomic,
  disconnectSignal,
  gracefulShutdown,
  jobsPlugin,
  readiness,
  requestSignal,
  spawn,
} from '@outlive/fastify';
import fastify from 'fastify';
import { charge, closeDatabase, drawUpReport, sendReceipt, warmCache } from './pretend.mjs';

const app = fastify();
await app.register(jobsPlugin);

// A background job: the client does not wait for it, the server does.
app.post('/orders', async (request, reply) => {
  const { order } = /** @type {{ order: number }} */ (request.body);
  await spawn(request, ({ signal }) => sendReceipt(order, signal), { name: `receipt ${order}` });
  return reply.code(202).send();
});

// Runs to its end, whether the client waits or not.
app.post(
  '/payments',
  atomic(async (request, reply) => {
    const { order } = /** @type {{ order: number }} */ (request.body);
    await charge(order, requestSignal(request));
    const left = disconnectSignal(request).aborted ? ', its client had left' : '';
    console.log(`payment booked for order ${order}${left}`);
    return reply.code(201).send();
  }),
);

// Answers first, then gets ready for the next.
app.get('/products/:id', (request, reply) => {
  const { id } = /** @type {{ id: string }} */ (request.params);
  after(request, ({ signal }) => warmCache(id, signal), { name: `cache ${id}` });
  return reply.send({ id, name: 'Teapot' });
});

// Expensive, and pointless once the client has left.
app.get('/report', async (request, reply) => {
  const signal = requestSignal(request);
  try {
    return await drawUpReport(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    console.log('report cancelled');
    return reply.hijack();
  }
});

const shutdown = gracefulShutdown(app, { onShutdown: closeDatabase, logger: console });
app.get('/ready', readiness(shutdown));

const { PORT = '3000' } = process.env;
await app.listen({ port: Number(PORT) });
const { port } = /** @type {import('node:net').AddressInfo} */ (app.server.address());
console.log(`listening on port ${port}`);
