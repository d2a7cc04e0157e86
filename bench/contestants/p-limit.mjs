// @ts-check
import pLimit from 'p-limit';

/** @param {number} concurrency @param {import('./queue.mjs').Work} work */
export function open(concurrency, work) {
  const limit = pLimit(concurrency);
  const run = () => limit(work);
  return { run, add: run, keepsContext: true };
}
