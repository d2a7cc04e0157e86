// @ts-check
// The same shop twice: node server.mjs with|without <ledger>
import { after, atomic, gracefulShutdown, setup, spawn } from '@outlive/express';
import express from 'express';
import { writeEntry } from './ledger.mjs';
import { openShop } from './shop.mjs';

const [mode, ledger = ''] = process.argv.slice(2);
const { takePayment, sendReceipt, warmCache, reportError } = openShop(ledger);

/** @param {express.Express} app */
function withOutlive(app) {
  setup(app, { exceptionHandler: ({ exception }) => reportError(exception) });

  app.post(
    '/orders',
    atomic(async (req, res) => {
      const order = req.body;
      await takePayment(order);
      await spawn(req, () => sendReceipt(order), { name: `receipt ${order.id}` });
      after(req, () => warmCache(order), { name: `cache ${order.id}` });
      res.sendStatus(201);
    }),
  );

  const server = app.listen(0, '127.0.0.1');
  const shutdown = gracefulShutdown(server);
  process.once('exit', () => {
    writeEntry(ledger, { step: 'report', details: countsOf(shutdown.report) });
  });
  return server;
}

/**
 * How many of each kind the report lists.
 * @param {object} [report]
 */
function countsOf(report = {}) {
  const counts = Object.entries(report).map(([what, value]) => [what, value.length ?? value]);
  return Object.fromEntries(counts);
}

/** @param {express.Express} app */
function theOrdinaryWay(app) {
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 takes their rejections
  app.post('/orders', async (req, res) => {
    const order = req.body;
    await takePayment(order);
    void sendReceipt(order).catch(reportError);
    res.once('finish', () => void warmCache(order).catch(reportError));
    res.sendStatus(201);
  });

  const server = app.listen(0, '127.0.0.1');
  process.once('SIGTERM', () => {
    server.close(() => process.exit(0));
  });
  return server;
}

const app = express();
app.use(express.json(), (req, res, next) => {
  res.once('close', () => {
    if (!res.writableEnded) writeEntry(ledger, { step: 'left', order: req.body.id });
  });
  next();
});
const server = mode === 'with' ? withOutlive(app) : theOrdinaryWay(app);
server.once('listening', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  writeEntry(ledger, { step: 'ready', details: port });
});
