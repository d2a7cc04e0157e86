// @ts-check
// What the handlers of both servers call. Every step takes its time and is entered in the ledger when done.
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { writeEntry } from './ledger.mjs';

/** @typedef {{ id: number, early: boolean, bankTime: number, address: 'good' | 'bad' }} Order */

const receiptTime = 900;
const cacheTime = 600;

/** The banks of the late orders answer some time after it. */
const stop = once(process, 'SIGTERM');

class BouncedError extends Error {
  /** @param {Order} order */
  constructor({ id }) {
    super(`The receipt of order ${id} has come back`);
    this.order = id;
  }
}

/** @param {string} ledger */
export function openShop(ledger) {
  /**
   * From the charge until the order is booked, the customer's money is nowhere.
   * @param {Order} order
   */
  async function takePayment({ id, early, bankTime }) {
    writeEntry(ledger, { step: 'charged', order: id });
    if (!early) await stop;
    await pause(bankTime);
    writeEntry(ledger, { step: 'booked', order: id });
  }

  /** @param {Order} order */
  async function sendReceipt(order) {
    await pause(receiptTime);
    if (order.address === 'bad') throw new BouncedError(order);
    writeEntry(ledger, { step: 'receipt', order: order.id });
  }

  /** @param {Order} order */
  async function warmCache({ id }) {
    await pause(cacheTime);
    writeEntry(ledger, { step: 'cache', order: id });
  }

  /** @param {unknown} error */
  function reportError(error) {
    if (!(error instanceof BouncedError)) throw error;
    writeEntry(ledger, { step: 'bounced', order: error.order });
  }

  return { takePayment, sendReceipt, warmCache, reportError };
}
