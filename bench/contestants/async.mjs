// @ts-check
import { queue as makeQueue } from 'async';
import { makeMemory, never, unfinished } from '../lib/memory.mjs';
import { makeForget, makeOneByOne, makeWaves } from '../lib/workloads.mjs';

/**
 * It recognises an async function by how it is written: the work is wrapped in one.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {import('async').AsyncWorker<undefined>}
 */
function worker(work) {
  // oxlint-disable-next-line typescript/no-misused-promises -- its types leave async functions out
  return async () => work();
}

export const waves = makeWaves((limit, work) => {
  const queue = makeQueue(worker(work), limit);
  return (count) => Promise.all(Array.from({ length: count }, () => queue.pushAsync(undefined)));
});

export const oneByOne = makeOneByOne((limit, work) => {
  const queue = makeQueue(worker(work), limit);
  return async (count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) {
      sum += await queue.pushAsync(undefined);
    }
    return sum;
  };
});

export const forget = makeForget((limit, work) => {
  const queue = makeQueue(worker(work), limit);
  return (count) => {
    for (let index = 0; index < count; index += 1) void queue.push(undefined);
    return queue.drain();
  };
});

export const pendingMemory = makeMemory(({ count, awaited }, kept) => {
  const queue = makeQueue(worker(never), 1);
  void queue.push(undefined);
  for (let index = 0; index < count; index += 1) {
    if (awaited) kept[index] = queue.pushAsync(undefined);
    else void queue.push(undefined);
  }
  return queue;
});

export const activeMemory = makeMemory(({ count }, kept) => {
  const work = unfinished(kept);
  const queue = makeQueue(worker(work), count);
  for (let index = 0; index < count; index += 1) {
    void queue.push(undefined);
  }
  return queue;
});
