// @ts-check
import fastq from 'fastq';
import { makeMemory, never, unfinished } from '../lib/memory.mjs';
import { makeForget, makeOneByOne, makeWaves } from '../lib/workloads.mjs';

export const waves = makeWaves((limit, work) => {
  const queue = fastq.promise(work, limit);
  return (count) => Promise.all(Array.from({ length: count }, () => queue.push(undefined)));
});

export const oneByOne = makeOneByOne((limit, work) => {
  const queue = fastq.promise(work, limit);
  return async (count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += await queue.push(undefined);
    return sum;
  };
});

export const forget = makeForget((limit, work) => {
  const queue = fastq.promise(work, limit);
  return (count) => {
    for (let index = 0; index < count; index += 1) void queue.push(undefined);
    return queue.drained();
  };
});

export const pendingMemory = makeMemory(({ count, awaited }, kept) => {
  const queue = fastq.promise(never, 1);
  void queue.push(undefined);
  for (let index = 0; index < count; index += 1) {
    const promise = queue.push(undefined);
    if (awaited) kept[index] = promise;
  }
  return queue;
});

export const activeMemory = makeMemory(({ count }, kept) => {
  const work = unfinished(kept);
  const queue = fastq.promise(work, count);
  for (let index = 0; index < count; index += 1) {
    void queue.push(undefined);
  }
  return queue;
});
