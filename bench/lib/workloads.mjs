// @ts-check
import { AsyncLocalStorage } from 'node:async_hooks';
import { NumberedWork } from './numbered-work.mjs';

/** @typedef {import('./interleave.mjs').Block} Block */
/** @typedef {() => Promise<number>} Work */
/** @typedef {{ count: number, limit: number, bursts?: number, store?: boolean, work?: 'ofOneTurn' | 'trivial' }} Size */

const storage = new AsyncLocalStorage();
const expected = {};

// A queue is made once and used for all blocks, as a server does. A new one each time would not only be another
// case: V8 throws code away that was compiled for an object which is gone.

/**
 * Bursts of jobs, each burst awaited with all its results.
 *
 * @param {(limit: number, work: Work) => (count: number) => PromiseLike<readonly number[]>} open
 *   makes a queue; what it gives runs one burst
 * @returns {(size: Size) => Block}
 */
export function makeWaves(open) {
  return ({ count, limit, bursts = 1, store = false, work = 'ofOneTurn' }) => {
    const numbered = new NumberedWork();
    const burst = open(limit, store ? insideStore(numbered[work]) : numbered[work]);
    const run = async () => {
      numbered.reset();
      /** @type {(readonly number[])[]} */
      const results = [];
      for (let index = 0; index < bursts; index += 1) results.push(await burst(count));
      const all = count * bursts;
      const check = () => {
        numbered.check(results.flat(), all, limit);
      };
      return { count: all, check };
    };
    return store ? () => storage.run(expected, run) : run;
  };
}

/** Proves that each job sees the store of whoever made it. @param {Work} work @returns {Work} */
function insideStore(work) {
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
  return ({ count, limit }) => {
    const numbered = new NumberedWork();
    const run = open(limit, numbered.trivial);
    return async () => {
      numbered.reset();
      const sum = await run(count);
      const check = () => {
        numbered.checkCount(count, limit);
        if (sum !== (count * (count - 1)) / 2) throw new Error(`wrong results, sum ${sum}`);
      };
      return { count, check };
    };
  };
}

/**
 * Jobs whose results nobody awaits, until none is left.
 *
 * @param {(limit: number, work: Work) => (count: number) => PromiseLike<void>} open
 * @returns {(size: Size) => Block}
 */
export function makeForget(open) {
  return ({ count, limit }) => {
    const numbered = new NumberedWork();
    const run = open(limit, numbered.trivial);
    return async () => {
      numbered.reset();
      await run(count);
      const check = () => {
        numbered.checkCount(count, limit);
      };
      return { count, check };
    };
  };
}
