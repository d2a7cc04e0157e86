// @ts-check
import { setImmediate } from 'node:timers/promises';

/** Heap in use when nothing is left to collect: what settles in a turn is garbage in the next. */
export async function settledHeap() {
  for (let turn = 0; turn < 4; turn += 1) {
    await setImmediate();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/**
 * Bytes of heap for each of `count` things that `make` leaves behind. What it gives is kept alive
 * until they have been counted.
 *
 * @param {number} count
 * @param {(kept: unknown[]) => unknown} make may keep things in the array, whose room is not counted
 */
async function bytesEach(count, make) {
  /** @type {unknown[]} */
  const kept = Array.from({ length: count }, () => undefined);
  const before = await settledHeap();
  const holder = await make(kept);
  const after = await settledHeap();
  // Both have to live until here.
  if (kept.length !== count || holder === null) throw new Error('lost what was to be measured');
  return (after - before) / count;
}

/**
 * @param {(size: { count: number, awaited: boolean }, kept: unknown[]) => unknown} hold
 * @returns {(size: { count: number, awaited: boolean }) => import('./interleave.mjs').Block}
 */
export function makeMemory(hold) {
  return (size) => async () => ({
    count: size.count,
    cost: await bytesEach(size.count, (kept) => hold(size, kept)),
  });
}

/**
 * Work that goes on for ever and is reachable, as all real work is: from what will end it.
 *
 * @param {unknown[]} kept
 * @returns {() => Promise<unknown>}
 */
export function unfinished(kept) {
  let index = 0;
  return () =>
    new Promise((resolve) => {
      kept[index++] = resolve;
    });
}

/** @returns {Promise<never>} */
export const never = () => new Promise(() => {});
