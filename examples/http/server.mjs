// @ts-check
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import {
  after,
  atomic,
  disconnectSignal,
  gracefulShutdown,
  jobsListener,
  requestSignal,
  spawn,
} from '@outlive/http';
import { charge, closeDatabase, drawUpReport, sendReceipt, warmCache } from './pretend.mjs';

/** @typedef {(req: import('node:http').IncomingMessage, res: import('node:http').ServerResponse) => unknown} Handler */

/** @type {Record<string, Handler>} */
const routes = {
  // A background job: the client does not wait for it, the server does.
  'POST /orders': async (req, res) => {
    const { order } = /** @type {{ order: number }} */ (await json(req));
    await spawn(req, ({ signal }) => sendReceipt(order, signal), { name: `receipt ${order}` });
    res.writeHead(202).end();
  },

  // Runs to its end, whether the client waits or not.
  'POST /payments': atomic(async (req, res) => {
    const { order } = /** @type {{ order: number }} */ (await json(req));
    await charge(order, requestSignal(req));
    const left = disconnectSignal(req).aborted ? ', its client had left' : '';
    console.log(`payment booked for order ${order}${left}`);
    res.writeHead(201).end();
  }),

  // Answers first, then gets ready for the next.
  'GET /products': (req, res) => {
    const id = req.url?.split('/')[2] ?? '';
    after(req, ({ signal }) => warmCache(id, signal), { name: `cache ${id}` });
    res.end(JSON.stringify({ id, name: 'Teapot' }));
  },

  // Expensive, and pointless once the client has left.
  'GET /report': async (req, res) => {
    const signal = requestSignal(req);
    try {
      res.end(JSON.stringify(await drawUpReport(signal)));
    } catch (error) {
      if (!signal.aborted) throw error;
      console.log('report cancelled');
    }
  },

  'GET /ready': (req, res) => shutdown.readiness(req, res),
};

const listener = jobsListener((req, res) => {
  const handler = routes[`${req.method} /${req.url?.split('/')[1]}`];
  return handler ? handler(req, res) : res.writeHead(404).end();
});

const { PORT = '3000' } = process.env;
const server = createServer(listener).listen(Number(PORT), () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`listening on port ${port}`);
});
const shutdown = gracefulShutdown(server, { onShutdown: closeDatabase, logger: console });
