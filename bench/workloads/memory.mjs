// @ts-check
import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Scheduler } from '@outlive/core';
import { openQueue } from '../contestants/queue.mjs';

/** @typedef {import('../measure/interleave.mjs').Block} Block */
/** @typedef {{ contestant: string, count: number, awaited?: boolean, options?: object }} Size */

/** @returns {Promise<never>} */
export const never = () => new Promise(() => {});

/** Bytes of heap of each pending job. @param {Size} size @returns {Block} */
export const pending =
  ({ contestant, count, awaited = false, options }) =>
  () =>
    bytesEach(count, async (kept) => {
      const { add, spawn, run, idle } = await openQueue(contestant, 1, never, options);
      void add();
      for (let index = 0; index < count; index += 1) {
        if (!awaited) void add();
        else kept[index] = spawn === undefined ? run() : (await spawn()).wait();
      }
      return [add, idle];
    });

/** The same of each active one, with what its function returned. @param {Size} size @returns {Block} */
export const active =
  ({ contestant, count }) =>
  () =>
    bytesEach(count, async (kept) => {
      let index = 0;
      // What ends it reaches it, as with all real work.
      const unfinished = () =>
        new Promise((resolve) => {
          kept[index++] = resolve;
        });
      const { add, idle } = await openQueue(contestant, count, unfinished);
      for (let job = 0; job < count; job += 1) void add();
      return [add, idle];
    });

/** What is left on the heap of each of a million finished jobs, perhaps under one signal. @param {{ signal: boolean }} kind @returns {Block} */
export const left =
  ({ signal: hasSignal }) =>
  async () => {
    const signal = hasSignal ? new AbortController().signal : undefined;
    const scheduler = new Scheduler();
    await finishBursts(scheduler, 1, signal);
    const before = await settledHeap();
    const count = await finishBursts(scheduler, 1_000, signal);
    const cost = ((await settledHeap()) - before) / count;
    const listeners = signal === undefined ? 0 : getEventListeners(signal, 'abort').length;
    const check = () => {
      if (scheduler.size + listeners > 0) throw new Error(`left: ${scheduler.size}, ${listeners}`);
    };
    return { count, cost: Math.max(0, cost), check };
  };

/** The listeners on the signal of 100 live jobs, for each of them. @returns {Block} */
export const listeners = () => async () => {
  const { signal } = new AbortController();
  const scheduler = new Scheduler();
  const count = 100;
  for (let index = 0; index < count; index += 1)
    scheduler.spawnNow(() => setImmediate(), { signal });
  const { length } = getEventListeners(signal, 'abort');
  await scheduler.idle();
  return { count, cost: length / count };
};

/** @param {Scheduler} scheduler @param {number} times @param {AbortSignal | undefined} signal */
async function finishBursts(scheduler, times, signal) {
  const burst = 1_000;
  for (let index = 0; index < times; index += 1) {
    for (let job = 0; job < burst; job += 1) void scheduler.spawn(async () => job, { signal });
    await scheduler.idle();
  }
  return times * burst;
}

/**
 * Bytes of heap for each of `count` things that `make` leaves behind.
 *
 * @param {number} count
 * @param {(kept: unknown[]) => Promise<unknown[]>} make gives what holds them; may keep things in the array, whose
 *   room is not counted
 */
async function bytesEach(count, make) {
  const kept = Array.from({ length: count }, () => /** @type {unknown} */ (undefined));
  const before = await settledHeap();
  const holders = await make(kept);
  const after = await settledHeap();
  // Both have to live until here.
  if (kept.length !== count || holders.length === 0) throw new Error('lost what was measured');
  return { count, cost: (after - before) / count };
}

/** Heap in use when nothing is left to collect: what settles in a turn is garbage in the next. */
async function settledHeap() {
  for (let turn = 0; turn < 4; turn += 1) {
    await setImmediate();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}
