// @ts-check
import { atomic, gracefulShutdown, readiness, setup, spawn } from '@outlive/express';
import express from 'express';
import { stopAtOnce } from './stop-at-once.mjs';

/** @param {import('./shop.mjs').Shop} shop */
export function serveWithOutlive({ book, deliver, delay }) {
  const app = express();
  setup(app);
  app.post(
    '/orders/:id',
    atomic(async (req, res) => {
      await book();
      await spawn(req, () => deliver(req.params.id));
      res.sendStatus(202);
    }),
  );
  const server = app.listen(0, '127.0.0.1');
  app.get('/ready', readiness(gracefulShutdown(server, { delay })));
  return server;
}

/** @param {import('./shop.mjs').Shop} shop */
export function serveWithout({ book, deliver }) {
  const app = express();
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 takes their rejections
  app.post('/orders/:id', async (req, res) => {
    await book();
    void deliver(req.params.id);
    res.sendStatus(202);
  });
  app.get('/ready', (_req, res) => {
    res.send('ready');
  });
  const server = app.listen(0, '127.0.0.1');
  stopAtOnce(server);
  return server;
}
