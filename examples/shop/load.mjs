// @ts-check
// Customers order for ten seconds while the server is replaced three times; then every order has to be there, and every
// receipt on its way:  npm run build && npm run load -w @outlive/example-shop
// On a directory there is one process at a time: orders that find none are repeated, as a browser's retry would. With
// DATABASE_URL=postgres://… the next process is ready before the last one is told to stop, and no order has to be.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const overlap = process.env['DATABASE_URL'] !== undefined;
const store = process.env['DATABASE_URL'] ?? '.shop-load';
const [seconds = 10, perSecond = 20] = process.argv.slice(2).map(Number);
if (!overlap) rmSync(store, { recursive: true, force: true });

/** @typedef {{ port: number, stop: () => Promise<number | null> }} Running */

/** @returns {Promise<Running>} */
async function start() {
  const child = fork(new URL('server.mjs', import.meta.url), {
    env: {
      ...process.env,
      PORT: '0',
      LOG_LEVEL: 'fatal',
      DATABASE_URL: store,
      DELAY: overlap ? '1000' : '0',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'close');
  const port = await new Promise((resolve, reject) => {
    ended.then(([code]) => reject(new Error(`the server ended with ${code}`)), reject);
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      const [, found] = /port (\d+)/.exec(text) ?? [];
      if (found !== undefined) resolve(Number(found));
      else process.stdout.write(text.replaceAll(/^(?=.)/gm, '  '));
    });
  });
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      const [code] = await ended;
      return code;
    },
  };
}

let running = await start();
let repeated = 0;

/** @param {string} id */
async function order(id) {
  const body = JSON.stringify({ id, item: 'tea', email: `${id}@example.com` });
  for (;;) {
    try {
      const answer = await fetch(`http://127.0.0.1:${running.port}/orders`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      if (answer.status === 201) return;
    } catch {
      // Nobody is there: between two processes, on a directory.
    }
    repeated += 1;
    await sleep(100);
  }
}

async function customers() {
  const orders = [];
  for (let number = 0; number < seconds * perSecond; number += 1) {
    orders.push(order(`order-${number}`));
    await sleep(1_000 / perSecond);
  }
  await Promise.all(orders);
  return orders.length;
}

async function replace() {
  const old = running;
  console.log('a new version: the server is replaced');
  if (overlap) running = await start();
  const code = await old.stop();
  if (!overlap) running = await start();
  return code;
}

const ordering = customers();
/** @type {(number | null)[]} */
const exits = [];
for (let turn = 0; turn < 3; turn += 1) {
  await sleep((seconds * 1_000) / 4);
  exits.push(await replace());
}
const placed = await ordering;

/** @param {string} path */
const get = async (path) => (await fetch(`http://127.0.0.1:${running.port}${path}`)).json();
let missing = 0;
for (let number = 0; number < placed; number += 1) {
  const found = /** @type {{ id?: string }} */ (await get(`/orders/order-${number}`));
  if (found.id === undefined) missing += 1;
}
let depth = { ready: 1, active: 0, failed: 0 };
while (depth.ready + depth.active > 0) {
  await sleep(200);
  ({ 'send-receipt': depth = depth } = /** @type {Record<string, typeof depth>} */ (
    await get('/depth')
  ));
}
exits.push(await running.stop());
if (!overlap) rmSync(store, { recursive: true, force: true });

console.log(`
orders placed         ${placed}
orders missing        ${missing}
receipts not sent     ${depth.failed}
requests repeated     ${repeated}${overlap ? '' : ', while no process had the directory'}
exit codes            ${exits.join(', ')}`);
process.exitCode = missing + depth.failed === 0 && exits.every((code) => code === 0) ? 0 : 1;
