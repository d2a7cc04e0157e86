// @ts-check
import PQueue from 'p-queue';
import { shuffled, untilRejected } from '../lib/cancel.mjs';
import { makeMemory, never, unfinished } from '../lib/memory.mjs';
import { makeForget, makeOneByOne, makeWaves } from '../lib/workloads.mjs';

export const waves = makeWaves((concurrency, work) => {
  const queue = new PQueue({ concurrency });
  return (count) => Promise.all(Array.from({ length: count }, () => queue.add(work)));
});

export const oneByOne = makeOneByOne((concurrency, work) => {
  const queue = new PQueue({ concurrency });
  return async (count) => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += await queue.add(work);
    return sum;
  };
});

export const forget = makeForget((concurrency, work) => {
  const queue = new PQueue({ concurrency });
  return (count) => {
    for (let index = 0; index < count; index += 1) void queue.add(work);
    return queue.onIdle();
  };
});

export const pendingMemory = makeMemory(({ count, awaited }, kept) => {
  const queue = new PQueue({ concurrency: 1 });
  void queue.add(never);
  for (let index = 0; index < count; index += 1) {
    const promise = queue.add(never);
    if (awaited) kept[index] = promise;
  }
  return queue;
});

export const activeMemory = makeMemory(({ count }, kept) => {
  const work = unfinished(kept);
  const queue = new PQueue({ concurrency: count });
  for (let index = 0; index < count; index += 1) {
    void queue.add(work);
  }
  return queue;
});

/** @param {{ count: number, pending: number }} size @returns {import('../lib/interleave.mjs').Block} */
export const cancelEach =
  ({ count, pending }) =>
  async () => {
    const queue = new PQueue({ concurrency: 1 });
    void queue.add(never);
    const all = Array.from({ length: pending }, (_, index) => {
      // Only those that are going to be cancelled need a signal.
      if (index % Math.floor(pending / count) !== 0) {
        void queue.add(never);
        return undefined;
      }
      const controller = new AbortController();
      return { controller, promise: queue.add(never, { signal: controller.signal }) };
    }).filter((job) => job !== undefined);
    const victims = shuffled(all).slice(0, count);
    return untilRejected(
      victims.map(({ promise }) => promise),
      () => {
        for (const { controller } of victims) controller.abort();
      },
    );
  };

/** @param {{ count: number }} size @returns {import('../lib/interleave.mjs').Block} */
export const closeActive =
  ({ count }) =>
  () => {
    const queue = new PQueue({ concurrency: count });
    // One signal for all would be slower still: Node looks for duplicates among all its listeners.
    const controllers = Array.from({ length: count }, () => new AbortController());
    const promises = controllers.map(({ signal }) =>
      queue.add(
        () =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reject(/** @type {Error} */ (signal.reason));
            });
          }),
        { signal },
      ),
    );
    return untilRejected(promises, () => {
      for (const controller of controllers) controller.abort();
    });
  };
