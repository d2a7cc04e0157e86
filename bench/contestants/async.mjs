// @ts-check
import { queue as makeQueue } from 'async';

/** For tasks that are functions. @type {import('async').AsyncWorker<() => Promise<unknown>>} */
// oxlint-disable-next-line typescript/no-misused-promises -- its types leave async functions out
const worker = async (task) => task();

/** @param {number} limit @param {import('./queue.mjs').Work} work */
export function open(limit, work) {
  const queue = makeQueue(worker, limit);
  const add = () => queue.push(work);
  return { run: () => queue.pushAsync(work), add, idle: () => queue.drain() };
}
