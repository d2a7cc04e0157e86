// @ts-check
// A shop under a steady load, with the page of its jobs at the address that is printed. Ctrl-C ends it.
import { once } from 'node:events';
import { gracefulShutdown } from '@outlive/express';
import { comeAndGo } from './customers.mjs';
import { makeShop } from './shop.mjs';

// A real app would ask who is logged in. This one is for the machine that it runs on.
const { app, schedulers } = await makeShop(
  (request) => request.socket.remoteAddress === '127.0.0.1',
);
const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

// Jobs of minutes are cancelled at the end, which is no failure here.
process.exitCode = 0;
const closing = new AbortController();
void comeAndGo(`http://127.0.0.1:${port}`, closing.signal);
gracefulShutdown(server, {
  scheduler: schedulers,
  timeout: 3_000,
  logger: console,
});
process.once('SIGINT', () => closing.abort());
process.once('SIGTERM', () => closing.abort());

console.log(`The page of the jobs:  http://127.0.0.1:${port}/_jobs/`);
console.log('It shows a shop under a steady load. Ctrl-C ends it.');
