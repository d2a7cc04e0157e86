// @ts-check
import { createHook } from 'node:async_hooks';
import { bursts, oneByOne } from './queue.mjs';

/** @typedef {import('../measure/interleave.mjs').Block} Block */

const count = 1_000;

/** Promises that a job costs, its own and its waiter's included. @param {string} contestant @returns {Block} */
export const promises = (contestant) => () => made(contestant, (type) => type === 'PROMISE');

/** AsyncResources of a job that starts at once. @param {string} contestant @returns {Block} */
export const asyncResources = (contestant) => () => made(contestant, (type) => type !== 'PROMISE');

/** AbortControllers of a job that never reads its signal. @param {string} contestant @returns {Block} */
export const abortControllers = (contestant) => async () => {
  let controllers = 0;
  const { AbortController } = globalThis;
  globalThis.AbortController = class extends AbortController {
    constructor() {
      super();
      controllers += 1;
    }
  };
  // Some start at once, most are queued.
  const block = await bursts({ contestant, count, limit: 10 });
  await block();
  globalThis.AbortController = AbortController;
  return { count, cost: controllers / count };
};

/** @param {string} contestant @param {(type: string) => boolean} isWanted */
async function made(contestant, isWanted) {
  const block = await oneByOne({ contestant, count, limit: 100 });
  // What is made once, at first use, is not what a job costs.
  await block();
  let number = 0;
  const hook = createHook({
    init(_id, type) {
      if (isWanted(type)) number += 1;
    },
  }).enable();
  await block();
  hook.disable();
  return { count, cost: Math.floor(number / count) };
}
