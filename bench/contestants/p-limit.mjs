// @ts-check
import pLimit from 'p-limit';
import { untilRejected } from '../lib/cancel.mjs';
import { makeMemory, never, unfinished } from '../lib/memory.mjs';
import { makeForget, makeOneByOne, makeWaves } from '../lib/workloads.mjs';

export const waves = makeWaves((concurrency, work) => {
  const limit = pLimit(concurrency);
  return (count) => Promise.all(Array.from({ length: count }, () => limit(work)));
});

export const oneByOne = makeOneByOne((concurrency, work) => {
  const limit = pLimit(concurrency);
  return async (count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += await limit(work);
    return sum;
  };
});

// It does not tell when it is idle: whoever wants to know keeps the promises.
export const forget = makeForget((concurrency, work) => {
  const limit = pLimit(concurrency);
  return async (count) => {
    await Promise.all(Array.from({ length: count }, () => limit(work)));
  };
});

export const pendingMemory = makeMemory(({ count, awaited }, kept) => {
  const limit = pLimit(1);
  void limit(never);
  for (let index = 0; index < count; index += 1) {
    const promise = limit(never);
    if (awaited) kept[index] = promise;
  }
  return limit;
});

export const activeMemory = makeMemory(({ count }, kept) => {
  const work = unfinished(kept);
  const limit = pLimit(count);
  for (let index = 0; index < count; index += 1) {
    void limit(work);
  }
  return limit;
});

/** @param {{ count: number }} size @returns {import('../lib/interleave.mjs').Block} */
export const closePending =
  ({ count }) =>
  async () => {
    const limit = pLimit({ concurrency: 1, rejectOnClear: true });
    void limit(never);
    const promises = Array.from({ length: count }, () => limit(never));
    // It queues in the next microtask.
    await Promise.resolve();
    return untilRejected(promises, () => {
      limit.clearQueue();
    });
  };
