// @ts-check
import { Scheduler } from '@outlive/core';
import { shuffled, untilRejected } from '../lib/cancel.mjs';
import { makeMemory, never, unfinished } from '../lib/memory.mjs';
import { spawnAndWait } from '../lib/spawn-and-wait.mjs';
import { makeForget } from '../lib/workloads.mjs';

// Peers have no bound on what is pending either.
const pendingLimit = Infinity;

export const { waves, oneByOne } = spawnAndWait((limit) => new Scheduler({ limit, pendingLimit }));

export const forget = makeForget((limit, work) => {
  const scheduler = new Scheduler({ limit, pendingLimit });
  return (count) => {
    for (let index = 0; index < count; index += 1) void scheduler.spawn(work);
    return scheduler.idle();
  };
});

export const pendingMemory = makeMemory(async ({ count, awaited }, kept) => {
  const scheduler = new Scheduler({ limit: 1, pendingLimit });
  await scheduler.spawn(never);
  for (let index = 0; index < count; index += 1) {
    const job = await scheduler.spawn(never);
    if (awaited) kept[index] = job.wait();
  }
  return scheduler;
});

export const activeMemory = makeMemory(async ({ count }, kept) => {
  const work = unfinished(kept);
  const scheduler = new Scheduler({ limit: Infinity });
  for (let index = 0; index < count; index += 1) {
    await scheduler.spawn(work);
  }
  return scheduler;
});

/** @param {{ count: number, pending: number }} size @returns {import('../lib/interleave.mjs').Block} */
export const cancelEach =
  ({ count, pending }) =>
  async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit });
    const blocker = scheduler.spawnNow(({ signal }) => untilAborted(signal));
    const jobs = Array.from({ length: pending }, () => scheduler.spawnNow(never));
    const victims = shuffled(jobs).slice(0, count);
    const promises = victims.map((job) => job.wait());
    const result = await untilRejected(promises, () => {
      for (const job of victims) void job.close();
    });
    await scheduler.close();
    if (!blocker.closed) throw new Error('not closed');
    return result;
  };

/** @param {{ count: number }} size @returns {import('../lib/interleave.mjs').Block} */
export const closePending =
  ({ count }) =>
  () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit, closeTimeout: 0 });
    scheduler.spawnNow(({ signal }) => untilAborted(signal));
    const promises = Array.from({ length: count }, () => scheduler.spawnNow(never).wait());
    return untilRejected(promises, () => {
      void scheduler.close();
    });
  };

/** @param {{ count: number }} size @returns {import('../lib/interleave.mjs').Block} */
export const closeActive =
  ({ count }) =>
  () => {
    const scheduler = new Scheduler({ limit: Infinity });
    const promises = Array.from({ length: count }, () =>
      scheduler.spawnNow(({ signal }) => untilAborted(signal)).wait(),
    );
    return untilRejected(promises, () => {
      void scheduler.close();
    });
  };

/** @param {AbortSignal} signal @returns {Promise<never>} */
function untilAborted(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(/** @type {Error} */ (signal.reason));
    });
  });
}
