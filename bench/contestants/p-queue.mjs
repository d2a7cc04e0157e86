// @ts-check
import PQueue from 'p-queue';

/** @typedef {{ abortable?: boolean, perKey?: number, intervalCap?: number, interval?: number, strict?: boolean }} Options */

/** @param {number} concurrency @param {import('./queue.mjs').Work} work @param {Options} [options] */
export function open(concurrency, work, { abortable = false, perKey, ...rates } = {}) {
  const queue = new PQueue({ concurrency, ...rates });
  if (perKey !== undefined)
    return { run: () => queue.add(work), runFor: perKeyQueues(work, perKey) };
  if (!abortable) {
    return {
      run: () => queue.add(work),
      /** @param {number} count */
      runAll: (count) => queue.addAll(Array.from({ length: count }, () => work)),
      idle: () => queue.onIdle(),
    };
  }

  // A signal for each: one for all would be slower still, since Node looks for duplicates among its listeners.
  /** @type {AbortController[]} */
  const controllers = [];
  const run = () => {
    const controller = new AbortController();
    controllers.push(controller);
    return queue.add(work, { signal: controller.signal });
  };
  const close = () => {
    for (const controller of controllers) controller.abort();
  };
  return { run, close };
}

/** It knows no keys: a queue for each, kept for ever, without a common limit. @param {import('./queue.mjs').Work} work @param {number} concurrency */
function perKeyQueues(work, concurrency) {
  /** @type {Map<string, PQueue>} */
  const queues = new Map();
  return (/** @type {string} */ key) => {
    let queue = queues.get(key);
    if (queue === undefined) {
      queue = new PQueue({ concurrency });
      queues.set(key, queue);
    }
    return queue.add(work);
  };
}
