// @ts-check
// The customers: a steady stream of orders over connections that are kept.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

const ordersPerSecond = 240;
/** How long a connection is kept that no order needs. Has to be less than the servers' delay. */
const keepIdleFor = 300;

/**
 * Sends orders, until it is stopped. No order is sent twice.
 * @param {number} port
 */
export function startLoad(port) {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections: 40,
    keepAliveMaxTimeout: keepIdleFor,
  });
  /** @type {string[]} */
  const accepted = [];
  /** @type {Map<unknown, number>} how often each thing went wrong */
  const failures = new Map();
  const stopping = new AbortController();

  /** @param {string} id */
  async function order(id) {
    const outcome = await send(id);
    if (outcome === 202) accepted.push(id);
    else failures.set(outcome, (failures.get(outcome) ?? 0) + 1);
  }

  /** @param {string} id */
  async function send(id) {
    try {
      const { statusCode, body } = await pool.request({ method: 'POST', path: `/orders/${id}` });
      await body.dump();
      return statusCode;
    } catch (error) {
      return /** @type {{ code?: string }} */ (error).code ?? error;
    }
  }

  async function run() {
    const startedAt = performance.now();
    const orders = [];
    let seconds = 0;
    while (!stopping.signal.aborted) {
      seconds = (performance.now() - startedAt) / 1_000;
      while (orders.length < seconds * ordersPerSecond) orders.push(order(`${orders.length}`));
      await sleep(5);
    }
    await Promise.all(orders);
    await pool.close();
    return { accepted, failures, requestCount: orders.length, seconds };
  }

  const done = run();
  return {
    /** Resolves when the last order has been answered. */
    stop() {
      stopping.abort();
      return done;
    },
  };
}
