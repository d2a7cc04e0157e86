// @ts-check
import { queue as makeQueue } from 'async';
import { makeMemory, never, unfinished } from '../lib/memory.mjs';
import { makeForget, makeOneByOne, makeWaves } from '../lib/workloads.mjs';

/**
 * Tasks are functions, as everybody else's are.
 *
 * @type {import('async').AsyncWorker<() => Promise<unknown>>}
 */
// oxlint-disable-next-line typescript/no-misused-promises -- its types leave async functions out
const worker = async (task) => task();

export const waves = makeWaves((limit, work) => {
  const queue = makeQueue(worker, limit);
  return (count) => Promise.all(Array.from({ length: count }, () => queue.pushAsync(work)));
});

export const oneByOne = makeOneByOne((limit, work) => {
  const queue = makeQueue(worker, limit);
  return async (count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) {
      sum += await queue.pushAsync(work);
    }
    return sum;
  };
});

export const forget = makeForget((limit, work) => {
  const queue = makeQueue(worker, limit);
  return (count) => {
    for (let index = 0; index < count; index += 1) void queue.push(work);
    return queue.drain();
  };
});

export const pendingMemory = makeMemory(({ count, awaited }, kept) => {
  const queue = makeQueue(worker, 1);
  void queue.push(never);
  for (let index = 0; index < count; index += 1) {
    if (awaited) kept[index] = queue.pushAsync(never);
    else void queue.push(never);
  }
  return queue;
});

export const activeMemory = makeMemory(({ count }, kept) => {
  const work = unfinished(kept);
  const queue = makeQueue(worker, count);
  for (let index = 0; index < count; index += 1) {
    void queue.push(work);
  }
  return queue;
});
