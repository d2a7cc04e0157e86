// @ts-check
// What stands for mail, bank, cache and database: each takes its time.
import { setTimeout as pause } from 'node:timers/promises';

/** @param {number} order @param {AbortSignal} signal */
export async function sendReceipt(order, signal) {
  console.log(`sending the receipt for order ${order}`);
  await pause(2_000, undefined, { signal });
  console.log(`receipt sent for order ${order}`);
}

/** @param {number} order @param {AbortSignal} signal */
export async function charge(order, signal) {
  console.log(`charging order ${order}`);
  await pause(3_000, undefined, { signal });
}

/** @param {string} product @param {AbortSignal} signal */
export async function warmCache(product, signal) {
  console.log(`warming the cache for product ${product}`);
  await pause(1_000, undefined, { signal });
  console.log(`cache warmed for product ${product}`);
}

/** @param {AbortSignal} signal */
export async function drawUpReport(signal) {
  console.log('drawing up the report');
  await pause(10_000, undefined, { signal });
  return { orders: 7, turnover: 700 };
}

export function closeDatabase() {
  console.log('database closed');
}
