// @ts-check
// What an order comes down to, with every framework.
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the customer waits for. */
export async function bookOrder() {
  await sleep(10 + Math.random() * 20);
}

/**
 * What is done when the customer has been answered: recorded in a ledger that is only ever added to.
 * @param {string} ledger
 * @param {string} id
 */
export async function deliverOrder(ledger, id) {
  await sleep(50 + Math.random() * 100);
  appendFileSync(ledger, `${id}\n`);
}

/**
 * The orders that have been delivered.
 * @param {string} ledger
 */
export function readLedger(ledger) {
  return readFileSync(ledger, 'utf8').split('\n').filter(Boolean);
}
