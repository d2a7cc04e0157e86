// @ts-check
import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Scheduler } from '@outlive/core';
import { openQueue } from '../contestants/queue.mjs';

/** @typedef {import('../measure/interleave.mjs').Block} Block */
/** @typedef {{ contestant: string, count: number, awaited?: boolean, options?: object }} Size */

/** @returns {Promise<never>} */
const never = () => new Promise(() => {});

/** Bytes of heap of each pending job. @param {Size} size @returns {Block} */
export const pending =
  ({ contestant, count, awaited = false, options }) =>
  () =>
    bytesEach(count, async (kept) => {
      const queue = await openQueue(contestant, 1, never, options);
      void queue.add();
      for (let index = 0; index < count; index += 1) {
        if (awaited) kept[index] = queue.spawn ? (await queue.spawn()).wait() : queue.run();
        else void queue.add();
      }
      return queue;
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
      const queue = await openQueue(contestant, count, unfinished);
      for (let job = 0; job < count; job += 1) void queue.add();
      return queue;
    });

/** What is left on the heap of each of a million finished jobs, perhaps under one signal. @param {{ signal: boolean }} kind @returns {Block} */
export const left =
  ({ signal: hasSignal }) =>
  async () => {
    const signal = hasSignal ? new AbortController().signal : undefined;
    const scheduler = new Scheduler();
    const checkListeners = () => {
      const { length } = signal === undefined ? [] : getEventListeners(signal, 'abort');
      if (length > scheduler.size) throw new Error(`${length} listeners, ${scheduler.size} jobs`);
    };
    /** @param {number} bursts */
    const finish = async (bursts) => {
      for (let burst = 0; burst < bursts; burst += 1) {
        for (let job = 0; job < 1_000; job += 1) void scheduler.spawn(async () => job, { signal });
        checkListeners();
        await scheduler.idle();
      }
    };
    await finish(1);
    const before = await settledHeap();
    await finish(1_000);
    const count = 1_000_000;
    const cost = Math.max(0, (await settledHeap()) - before) / count;
    return { count, cost, check: checkListeners };
  };

/**
 * Bytes of heap for each of `count` things that `make` leaves behind, in what it gives or in the array, whose own room
 * is not counted.
 *
 * @param {number} count
 * @param {(kept: unknown[]) => Promise<object>} make
 */
export async function bytesEach(count, make) {
  const kept = Array.from({ length: count }, () => /** @type {unknown} */ (undefined));
  const before = await settledHeap();
  const holder = await make(kept);
  const after = await settledHeap();
  // Both have to live until here.
  if (kept.length !== count || holder === kept) throw new Error('lost what was measured');
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
