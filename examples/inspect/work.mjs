// @ts-check
// What the jobs of the shop pretend to do.
import { setTimeout as pause } from 'node:timers/promises';

/** @typedef {import('@outlive/express').JobContext} JobContext */

/**
 * Between so many ms: most of the time near the lower end.
 * @param {number} least
 * @param {number} most
 */
function someTime(least, most) {
  return least + (most - least) * Math.random() ** 3;
}

/**
 * @param {string} order
 * @param {AbortSignal} signal
 */
export async function sendReceipt(order, signal) {
  await pause(someTime(150, 1_500), undefined, { signal });
  if (Math.random() < 0.03) throw failure('MailboxError', `550 no such mailbox (order ${order})`);
}

/** @param {JobContext} job */
export async function resizePicture({ signal }) {
  await pause(someTime(400, 4_000), undefined, { signal });
}

/** @param {JobContext} job */
export async function reportSales({ signal }) {
  await pause(someTime(20_000, 90_000), undefined, { signal });
}

/**
 * Fails twice, as the systems of others do.
 * @param {JobContext} job
 */
export async function tellWarehouse({ signal, attempt }) {
  await pause(someTime(200, 900), undefined, { signal });
  if (attempt < 3 && Math.random() < 0.3) throw new Error('connect ECONNREFUSED 10.0.0.7:443');
}

/** A job that does not care for its signal: cancelled, it stays closing. */
export async function syncWithLegacy() {
  await pause(someTime(30_000, 60_000), undefined, { ref: false });
}

/** @param {{ order: string, total: number }} payload */
export async function chargeCard({ order, total }) {
  await pause(someTime(100, 700));
  if (total > 450) {
    const cause = new Error('issuer answered 51: insufficient funds');
    throw failure('CardError', `The card of order ${order} was declined`, cause);
  }
}

/**
 * @param {string} name
 * @param {string} message
 * @param {Error} [cause]
 */
function failure(name, message, cause) {
  return Object.assign(new Error(message, { cause }), { name });
}
