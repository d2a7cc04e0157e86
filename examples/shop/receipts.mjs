// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob } from '@outlive/durable';

/** @typedef {{ id: string, item: string, email: string }} Order */

/**
 * Sends the receipt of an order. It may run twice, and then nobody is sent a second one: the mail server is told the id.
 */
export const sendReceipt = defineJob(
  'send-receipt',
  /**
   * @param {Order} order
   * @param {import('@outlive/durable').DurableJobContext} context
   */
  async ({ id, email }, { attempt, signal }) => {
    // Stands for a mail server, which is slow and now and then away.
    await sleep(50 + Math.random() * 100, undefined, { signal });
    if (attempt === 1 && Math.random() < 0.05)
      throw new Error(`no answer from the mail server of ${email}`);
    sentReceipts.add(id);
  },
  { retries: 5, backoff: 200 },
);

/** What a mail server would know. */
const sentReceipts = new Set();
