// @ts-check
import { createServer } from 'node:http';
import { atomic, gracefulShutdown, jobsListener, spawn } from '@outlive/http';
import { stopAtOnce } from './stop-at-once.mjs';

/** @param {import('./shop.mjs').Shop} shop */
export function serveWithOutlive({ book, deliver, delay }) {
  const order = atomic(async (req, res) => {
    await book();
    await spawn(req, () => deliver(idOf(req)));
    res.writeHead(202).end();
  });
  const server = createServer(
    jobsListener((req, res) => {
      if (req.url === '/ready') return shutdown.readiness(req, res);
      return order(req, res);
    }),
  );
  const shutdown = gracefulShutdown(server, { delay });
  return server.listen(0, '127.0.0.1');
}

/** @param {import('./shop.mjs').Shop} shop */
export function serveWithout({ book, deliver }) {
  const server = createServer((req, res) => {
    if (req.url === '/ready') {
      res.end('ready');
      return;
    }
    void book().then(() => {
      void deliver(idOf(req));
      res.writeHead(202).end();
    });
  });
  stopAtOnce(server);
  return server.listen(0, '127.0.0.1');
}

/** @param {import('node:http').IncomingMessage} request */
function idOf({ url = '' }) {
  return url.replace('/orders/', '');
}
