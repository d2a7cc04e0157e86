// @ts-check
// A queue is made once and used for all blocks, as a server does: V8 throws away code that was compiled for an
// object which is gone.
import { AsyncLocalStorage } from 'node:async_hooks';
import { openQueue } from '../contestants/queue.mjs';
import { NumberedWork } from './numbered-work.mjs';

/** @typedef {import('../measure/interleave.mjs').Block} Block */
/** @typedef {{ contestant: string, limit: number, count: number }} Size */
/** @typedef {Size & { repeat?: number, work?: 'ofOneTurn' | 'trivial', stores?: boolean }} BurstSize */

/** @type {AsyncLocalStorage<number>} */
const storage = new AsyncLocalStorage();

/** Bursts of jobs, each burst awaited with all its results. @param {BurstSize} size */
export async function bursts({ contestant, limit, count, repeat = 1, work, stores = false }) {
  const numbered = new NumberedWork();
  const plain = numbered[work ?? 'ofOneTurn'];
  let spawned = 0;
  let foreign = 0;
  const inStore = () => {
    // The first job to be spawned is the first to start, so both have the same number.
    if (storage.getStore() !== numbered.started) foreign += 1;
    return plain();
  };
  const { run, unlimited, keepsContext } = await openQueue(
    contestant,
    limit,
    stores ? inStore : plain,
  );
  const runOne = stores ? () => storage.run(spawned++, run) : run;
  return async () => {
    numbered.reset();
    spawned = 0;
    foreign = 0;
    /** @type {number[][]} */
    const results = [];
    for (let index = 0; index < repeat; index += 1) {
      results.push(await Promise.all(Array.from({ length: count }, runOne)));
    }
    const check = () => {
      numbered.checkResults(results.flat(), count * repeat, unlimited ? Infinity : limit);
      if (keepsContext && foreign > 0) throw new Error(`${foreign} jobs saw another's store`);
    };
    return { count: count * repeat, check, foreign };
  };
}

/** How many percent of the jobs see the AsyncLocalStorage of another. @param {BurstSize} size @returns {Promise<Block>} */
export async function foreignStores(size) {
  const block = await bursts({ ...size, stores: true });
  return async () => {
    const { count, check, foreign } = await block();
    return { count, check, cost: (100 * foreign) / count };
  };
}

/** One job after the other, each result awaited. @param {Size} size @returns {Promise<Block>} */
export async function oneByOne({ contestant, limit, count }) {
  const numbered = new NumberedWork();
  const { run, spawn } = await openQueue(contestant, limit, numbered.trivial);
  return async () => {
    numbered.reset();
    let sum = 0;
    for (let index = 0; index < count; index += 1) {
      if (spawn === undefined) sum += await run();
      else {
        const job = await spawn();
        sum += await job.wait();
      }
    }
    const check = () => {
      numbered.checkCount(count, limit);
      if (sum !== (count * (count - 1)) / 2) throw new Error(`wrong results, sum ${sum}`);
    };
    return { count, check };
  };
}

/** Jobs whose results nobody awaits, until none is left. @param {Size} size @returns {Promise<Block>} */
export async function forget({ contestant, limit, count }) {
  const numbered = new NumberedWork();
  const { add, idle } = await openQueue(contestant, limit, numbered.trivial);
  return async () => {
    numbered.reset();
    for (let index = 0; index < count; index += 1) void add();
    await idle?.();
    const check = () => {
      numbered.checkCount(count, limit);
    };
    return { count, check };
  };
}
