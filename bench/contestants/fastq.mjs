// @ts-check
import fastq from 'fastq';
import { makeMemory, never, unfinished } from '../lib/memory.mjs';
import { makeForget, makeOneByOne, makeWaves } from '../lib/workloads.mjs';

/**
 * The worker of its README, for tasks that are functions, as everybody else's are.
 *
 * @param {() => Promise<any>} task
 */
const worker = async (task) => task();

export const waves = makeWaves((limit, work) => {
  const queue = fastq.promise(worker, limit);
  return (count) => Promise.all(Array.from({ length: count }, () => queue.push(work)));
});

export const oneByOne = makeOneByOne((limit, work) => {
  const queue = fastq.promise(worker, limit);
  return async (count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += await queue.push(work);
    return sum;
  };
});

export const forget = makeForget((limit, work) => {
  const queue = fastq.promise(worker, limit);
  return (count) => {
    for (let index = 0; index < count; index += 1) void queue.push(work);
    return queue.drained();
  };
});

export const pendingMemory = makeMemory(({ count, awaited }, kept) => {
  const queue = fastq.promise(worker, 1);
  void queue.push(never);
  for (let index = 0; index < count; index += 1) {
    const promise = queue.push(never);
    if (awaited) kept[index] = promise;
  }
  return queue;
});

export const activeMemory = makeMemory(({ count }, kept) => {
  const work = unfinished(kept);
  const queue = fastq.promise(worker, count);
  for (let index = 0; index < count; index += 1) {
    void queue.push(work);
  }
  return queue;
});
