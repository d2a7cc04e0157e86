// @ts-check
import Bottleneck from 'bottleneck';
import { makeMemory, never, unfinished } from '../lib/memory.mjs';
import { makeForget, makeOneByOne, makeWaves } from '../lib/workloads.mjs';

export const waves = makeWaves((maxConcurrent, work) => {
  const limiter = new Bottleneck({ maxConcurrent });
  return (count) => Promise.all(Array.from({ length: count }, () => limiter.schedule(work)));
});

export const oneByOne = makeOneByOne((maxConcurrent, work) => {
  const limiter = new Bottleneck({ maxConcurrent });
  return async (count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += await limiter.schedule(work);
    return sum;
  };
});

export const forget = makeForget((maxConcurrent, work) => {
  const limiter = new Bottleneck({ maxConcurrent });
  return async (count) => {
    for (let index = 0; index < count; index += 1) void limiter.schedule(work);
    await new Promise((resolve) => {
      limiter.once('idle', () => resolve(undefined));
    });
  };
});

export const pendingMemory = makeMemory(({ count, awaited }, kept) => {
  const limiter = new Bottleneck({ maxConcurrent: 1 });
  void limiter.schedule(never);
  for (let index = 0; index < count; index += 1) {
    const promise = limiter.schedule(never);
    if (awaited) kept[index] = promise;
  }
  return limiter;
});

export const activeMemory = makeMemory(({ count }, kept) => {
  const work = unfinished(kept);
  const limiter = new Bottleneck({ maxConcurrent: count });
  for (let index = 0; index < count; index += 1) {
    void limiter.schedule(work);
  }
  return limiter;
});
