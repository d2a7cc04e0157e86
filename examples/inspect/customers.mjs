// @ts-check
// A steady load, from the same process: some requests a second, until it is told to stop.
import { setTimeout as pause } from 'node:timers/promises';

/** How often each is sent: of so many. */
const requests = /** @type {const} */ ([
  [40, 'POST', () => `/orders/${order()}?total=${Math.round(Math.random() * 480)}`],
  [20, 'POST', () => `/orders/${order()}/shipment`],
  [30, 'PUT', () => `/products/${100 + Math.floor(Math.random() * 900)}/picture`],
  [1, 'GET', () => `/reports/sales?month=2026-${String(1 + Math.floor(Math.random() * 11))}`],
  [0.5, 'POST', () => '/legacy'],
]);

/**
 * @param {string} shop - its address
 * @param {AbortSignal} signal
 */
export async function comeAndGo(shop, signal) {
  while (!signal.aborted) {
    const [method, path] = choose();
    await fetch(shop + path, { method, signal }).catch(() => undefined);
    // About nine a second, now and then a rush.
    const rush = Math.sin(Date.now() / 20_000) > 0.8;
    await pause(rush ? 30 : 110, undefined, { signal }).catch(() => undefined);
  }
}

/** @returns {[method: string, path: string]} */
function choose() {
  const total = requests.reduce((sum, [share]) => sum + share, 0);
  let left = Math.random() * total;
  for (const [share, method, path] of requests) {
    left -= share;
    if (left < 0) return [method, path()];
  }
  return ['POST', '/legacy'];
}

let orders = 7_000;

function order() {
  orders += 1;
  return `A${orders}`;
}
