// @ts-check
import PQueue from 'p-queue';

/** @param {number} concurrency @param {import('./queue.mjs').Work} work */
export function open(concurrency, work) {
  const queue = new PQueue({ concurrency });
  const run = () => queue.add(work);
  return { run, add: run, idle: () => queue.onIdle() };
}
