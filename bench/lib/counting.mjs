// @ts-check
import { createHook } from 'node:async_hooks';

/** @typedef {import('./interleave.mjs').Block} Block */

const count = 1_000;

/** Promises that a job costs, its own and its waiter's included. @param {string} module @returns {Block} */
export const promisesPerJob = (module) => () => perJob(module, 'oneByOne', 100, 'PROMISE');

/** AsyncResources of jobs that start at once. @param {string} module @returns {Block} */
export const resourcesPerJob = (module) => () => perJob(module, 'oneByOne', 100, 'OutliveJob');

/** AbortControllers of jobs of which none reads its signal: some start at once, most are queued. @param {string} module @returns {Block} */
export const controllersPerJob = (module) => async () => {
  let made = 0;
  const { AbortController } = globalThis;
  globalThis.AbortController = class extends AbortController {
    constructor() {
      super();
      made += 1;
    }
  };
  try {
    const { waves } = await import(module);
    await waves({ count, limit: 10 })();
  } finally {
    globalThis.AbortController = AbortController;
  }
  return { count, cost: made / count };
};

/** @param {string} module @param {string} workload @param {number} limit @param {string} wanted */
async function perJob(module, workload, limit, wanted) {
  const block = (await import(module))[workload]({ count, limit });
  // What is made once, at first use, is not what a job costs.
  await block();
  let made = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === wanted) made += 1;
    },
  }).enable();
  await block();
  hook.disable();
  return { count, cost: Math.floor(made / count) };
}
