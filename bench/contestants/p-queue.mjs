// @ts-check
import PQueue from 'p-queue';

/** @param {number} concurrency @param {import('./queue.mjs').Work} work @param {{ abortable?: boolean }} [options] */
export function open(concurrency, work, options) {
  const queue = new PQueue({ concurrency });
  if (!options?.abortable) return { run: () => queue.add(work), idle: () => queue.onIdle() };

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
