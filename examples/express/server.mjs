// @ts-check
// oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 takes their rejections
import {
  after,
  atomic,
  disconnectSignal,
  gracefulShutdown,
  jobsMiddleware,
  readiness,
  requestSignal,
  spawn,
} from '@outlive/express';
import express from 'express';
import { charge, closeDatabase, drawUpReport, sendReceipt, warmCache } from './pretend.mjs';

const app = express();
app.use(express.json(), jobsMiddleware());

// A background job: the client does not wait for it, the server does.
app.post('/orders', async (req, res) => {
  const { order } = req.body;
  await spawn(req, ({ signal }) => sendReceipt(order, signal), { name: `receipt ${order}` });
  res.sendStatus(202);
});

// Runs to its end, whether the client waits or not.
app.post(
  '/payments',
  atomic(async (req, res) => {
    const { order } = req.body;
    await charge(order, requestSignal(req));
    const left = disconnectSignal(req).aborted ? ', its client had left' : '';
    console.log(`payment booked for order ${order}${left}`);
    res.sendStatus(201);
  }),
);

// Answers first, then gets ready for the next.
app.get('/products/:id', (req, res) => {
  const { id } = req.params;
  after(req, ({ signal }) => warmCache(id, signal), { name: `cache ${id}` });
  res.json({ id, name: 'Teapot' });
});

// Expensive, and pointless once the client has left.
app.get('/report', async (req, res) => {
  const signal = requestSignal(req);
  try {
    res.json(await drawUpReport(signal));
  } catch (error) {
    if (!signal.aborted) throw error;
    console.log('report cancelled');
  }
});

const { PORT = '3000' } = process.env;
const server = app.listen(Number(PORT), (error) => {
  if (error) throw error;
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`listening on port ${port}`);
});
const shutdown = gracefulShutdown(server, { onShutdown: closeDatabase, logger: console });
app.get('/ready', readiness(shutdown));
