// @ts-check
// Many jobs are cancelled. What counts is the time from that call until each of their promises has been rejected.
import { Scheduler } from '@outlive/core';
import { openQueue } from '../contestants/queue.mjs';
import { randomNumbers } from '../measure/statistics.mjs';

/** @typedef {import('../measure/interleave.mjs').Block} Block */

/** Pending jobs, one by one, in random order. @param {{ count: number }} size @returns {Block} */
export const cancelEach =
  ({ count }) =>
  async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: Infinity });
    scheduler.spawnNow(untilAborted);
    const random = randomNumbers(count);
    const jobs = Array.from({ length: count }, () => scheduler.spawnNow(untilAborted))
      .map((job) => ({ job, key: random() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ job }) => job);
    const promises = jobs.map((job) => job.wait());
    return untilRejected(promises, () => {
      for (const job of jobs) void job.close();
    });
  };

/** All at once: behind one that runs, or all of them running. @param {{ contestant: string, limit: number, count: number }} size @returns {Block} */
export const closeAll =
  ({ contestant, limit, count }) =>
  async () => {
    const options = contestant === 'p-queue' ? { abortable: true } : undefined;
    const { run, spawn, close } = await openQueue(contestant, limit, untilAborted, options);
    run().then(undefined, () => {});
    /** @type {PromiseLike<number>[]} */
    const promises = [];
    for (let index = 0; index < count; index += 1) {
      promises.push(spawn === undefined ? run() : (await spawn()).wait());
    }
    // p-limit queues in the next microtask.
    await Promise.resolve();
    return untilRejected(promises, () => void close?.());
  };

/** @param {{ signal?: AbortSignal }} [job] @returns {Promise<never>} */
function untilAborted({ signal } = {}) {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(/** @type {Error} */ (signal.reason));
    });
  });
}

/** @param {readonly PromiseLike<unknown>[]} promises @param {() => void} act @returns {ReturnType<Block>} */
async function untilRejected(promises, act) {
  const count = promises.length;
  let rejected = 0;
  const all = new Promise((resolve, fail) => {
    const onFulfilled = () => fail(new Error('not cancelled'));
    const onRejected = () => {
      rejected += 1;
      if (rejected === count) resolve(undefined);
    };
    for (const promise of promises) promise.then(onFulfilled, onRejected);
  });
  // Jobs that have waited for a while are old to the garbage collector; moving them is no part of closing.
  for (let times = 0; times < 2; times += 1) globalThis.gc?.({ type: 'minor' });
  const start = process.cpuUsage();
  act();
  await all;
  const { user, system } = process.cpuUsage(start);
  return { count, cost: ((user + system) * 1_000) / count };
}
