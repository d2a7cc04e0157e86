// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueue } from '../durable/queue.mjs';

/** @typedef {import('../measure/interleave.mjs').Block} Block */
/** @typedef {{ contestant: string, place: Omit<import('../durable/queue.mjs').Place, 'space'>, count: number }} Size */

/** Jobs stored one by one. @param {Size} size @returns {Promise<Block>} */
export async function enqueue({ contestant, place, count }) {
  const queue = await openOwn(contestant, place);
  return async () => {
    const cost = await timeOf(count, async () => {
      for (const payload of payloads(count)) await queue.add(payload);
    });
    await queue.clear();
    return { count, cost };
  };
}

/** Jobs stored with one call. @param {Size} size @returns {Promise<Block>} */
export async function enqueueMany({ contestant, place, count }) {
  const queue = await openOwn(contestant, place);
  return async () => {
    const all = payloads(count);
    const cost = await timeOf(count, () => queue.addMany(all));
    await queue.clear();
    return { count, cost };
  };
}

/** Jobs that are stored already, run. @param {Size} size @returns {Promise<Block>} */
export async function run({ contestant, place, count }) {
  const queue = await openOwn(contestant, place);
  return async () => {
    for (let done = 0; done < count; done += 500) await queue.addMany(payloads(500));
    const cost = await timeOf(count, () => queue.drain(count));
    await queue.rest();
    await queue.clear();
    return { count, cost };
  };
}

/**
 * How long 99 of 100 jobs at most wait for their start, of a job every `interval` ms.
 *
 * @param {Size & { interval: number }} size
 * @returns {Promise<Block>}
 */
export async function latency({ contestant, place, count, interval }) {
  const queue = await openOwn(contestant, place);
  /** @type {number[]} in ms */
  let waits = [];
  /** @type {(() => void) | undefined} */
  let seen;
  await queue.serve(({ at }) => {
    waits.push(performance.now() - at);
    if (waits.length === count) seen?.();
  });
  return async () => {
    waits = [];
    const all = new Promise((resolve) => {
      seen = () => resolve(undefined);
    });
    const start = performance.now();
    for (let index = 0; index < count; index += 1) {
      await sleep(Math.max(0, start + index * interval - performance.now()));
      void queue.add({ at: performance.now() });
    }
    await all;
    const sorted = waits.toSorted((a, b) => a - b);
    return { count, cost: (sorted[Math.ceil(count * 0.99) - 1] ?? NaN) * 1e6 };
  };
}

/** In a space of its own: the contestants take no jobs from each other. @param {string} contestant @param {Size['place']} place */
function openOwn(contestant, place) {
  const space = `bench_${process.pid}`;
  const own = place.kind === 'pglite' ? `${place.place}/${space}` : place.place;
  return openQueue(contestant, { ...place, place: own, space });
}

/** Some 100 bytes each. @param {number} count */
function payloads(count) {
  return Array.from({ length: count }, (_, index) => ({
    order: `order-${index}`,
    user: 'ada@example.org',
    items: [index, index + 1, index + 2],
    note: 'a payload of some size',
  }));
}

/** For each job, in ns. @param {number} count @param {() => Promise<unknown>} work */
async function timeOf(count, work) {
  const start = performance.now();
  await work();
  return ((performance.now() - start) * 1e6) / count;
}
