// @ts-check
import { AsyncLocalStorage } from 'node:async_hooks';
import { NumberedWork } from './numbered-work.mjs';

/** @typedef {import('./interleave.mjs').Block} Block */
/** @typedef {() => Promise<number>} Work */
/** @typedef {{ count: number, limit: number, bursts?: number, store?: boolean, work?: 'ofOneTurn' | 'trivial' }} Size */

const storage = new AsyncLocalStorage();

/**
 * Bursts of jobs, each burst awaited with all its results.
 *
 * @param {(limit: number, work: Work) => (count: number) => PromiseLike<readonly number[]>} open
 *   makes a queue; what it gives runs one burst
 * @returns {(size: Size) => Block}
 */
export function makeWaves(open) {
  return ({ count, limit, bursts = 1, store = false, work = 'ofOneTurn' }) => {
    const run = async () => {
      const numbered = new NumberedWork();
      const burst = open(limit, store ? insideStore(numbered[work]) : numbered[work]);
      /** @type {(readonly number[])[]} */
      const results = [];
      for (let index = 0; index < bursts; index += 1) results.push(await burst(count));
      const all = count * bursts;
      const check = () => {
        numbered.check(results.flat(), all, limit);
      };
      return { count: all, check };
    };
    return store ? () => storage.run({}, run) : run;
  };
}

/** Proves that each job sees the store of whoever made it. @param {Work} work @returns {Work} */
function insideStore(work) {
  const expected = storage.getStore();
  return () => {
    if (storage.getStore() !== expected) throw new Error('The job sees another store');
    return work();
  };
}

/**
 * One job after the other, each result awaited.
 *
 * @param {(limit: number, work: Work) => (count: number) => Promise<number>} open gives the sum of the results
 * @returns {(size: Size) => Block}
 */
export function makeOneByOne(open) {
  return ({ count, limit }) =>
    async () => {
      const numbered = new NumberedWork();
      const sum = await open(limit, numbered.trivial)(count);
      const check = () => {
        numbered.checkCount(count, limit);
        if (sum !== (count * (count - 1)) / 2) throw new Error(`wrong results, sum ${sum}`);
      };
      return { count, check };
    };
}

/**
 * Jobs whose results nobody awaits, until none is left.
 *
 * @param {(limit: number, work: Work) => (count: number) => PromiseLike<void>} open
 * @returns {(size: Size) => Block}
 */
export function makeForget(open) {
  return ({ count, limit }) =>
    async () => {
      const numbered = new NumberedWork();
      await open(limit, numbered.trivial)(count);
      const check = () => {
        numbered.checkCount(count, limit);
      };
      return { count, check };
    };
}
