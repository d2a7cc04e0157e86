// @ts-check
// Many jobs are cancelled; measured is the time from that call until each of their promises has settled.
import { Scheduler } from '@outlive/core';
import pLimit from 'p-limit';
import PQueue from 'p-queue';
import { randomNumbers } from '../measure/statistics.mjs';
import { never } from './memory.mjs';

/** @typedef {import('../measure/interleave.mjs').Block} Block */
/** @typedef {{ contestant: string, count: number, pending: number }} Size */
/** Promises, and what makes them reject. @typedef {[promises: Promise<unknown>[], act: () => void]} Doomed */

/** `count` of `pending` jobs, one by one, in random order. @param {Size} size @returns {Block} */
export const cancelPending = (size) => () =>
  untilRejected(size.contestant === 'outlive' ? ourPending(size) : pQueuePending(size));

/** All that is pending, at once. @param {Size} size @returns {Block} */
export const closePending = (size) => async () =>
  untilRejected(size.contestant === 'outlive' ? closeOurs(size) : await clearPLimit(size));

/** Running jobs that listen to their signal. @param {Size} size @returns {Block} */
export const closeActive = (size) => () =>
  untilRejected(size.contestant === 'outlive' ? ourActive(size) : pQueueActive(size));

const pendingLimit = Infinity;

/** @param {Size} size @returns {Doomed} */
function ourPending({ count, pending }) {
  const scheduler = new Scheduler({ limit: 1, pendingLimit });
  scheduler.spawnNow(never);
  const jobs = Array.from({ length: pending }, () => scheduler.spawnNow(never));
  const victims = shuffled(jobs).slice(0, count);
  const cancel = () => {
    for (const job of victims) void job.close();
  };
  return [victims.map((job) => job.wait()), cancel];
}

/** @param {Size} size @returns {Doomed} */
function pQueuePending({ count, pending }) {
  const queue = new PQueue({ concurrency: 1 });
  void queue.add(never);
  // Only those that are going to be cancelled need a signal.
  const every = Math.floor(pending / count);
  const jobs = Array.from({ length: pending }, (_, index) => {
    const controller = index % every === 0 ? new AbortController() : undefined;
    const promise = queue.add(never, controller && { signal: controller.signal });
    return { controller, promise };
  }).filter(({ controller }) => controller !== undefined);
  const victims = shuffled(jobs).slice(0, count);
  const cancel = () => {
    for (const { controller } of victims) controller?.abort();
  };
  return [victims.map(({ promise }) => promise), cancel];
}

/** @param {Size} size @returns {Doomed} */
function closeOurs({ count }) {
  const scheduler = new Scheduler({ limit: 1, pendingLimit, closeTimeout: 0 });
  scheduler.spawnNow(({ signal }) => untilAborted(signal));
  const promises = Array.from({ length: count }, () => scheduler.spawnNow(never).wait());
  return [promises, () => void scheduler.close()];
}

/** @param {Size} size @returns {Promise<Doomed>} */
async function clearPLimit({ count }) {
  const limit = pLimit({ concurrency: 1, rejectOnClear: true });
  void limit(never);
  const promises = Array.from({ length: count }, () => limit(never));
  // It queues in the next microtask.
  await Promise.resolve();
  return [promises, () => limit.clearQueue()];
}

/** @param {Size} size @returns {Doomed} */
function ourActive({ count }) {
  const scheduler = new Scheduler({ limit: Infinity });
  const promises = Array.from({ length: count }, () =>
    scheduler.spawnNow(({ signal }) => untilAborted(signal)).wait(),
  );
  return [promises, () => void scheduler.close()];
}

/** @param {Size} size @returns {Doomed} */
function pQueueActive({ count }) {
  const queue = new PQueue({ concurrency: count });
  // One signal for all would be slower still: Node looks for duplicates among all its listeners.
  const controllers = Array.from({ length: count }, () => new AbortController());
  const promises = controllers.map(({ signal }) =>
    queue.add(() => untilAborted(signal), { signal }),
  );
  const abort = () => {
    for (const controller of controllers) controller.abort();
  };
  return [promises, abort];
}

/** @param {AbortSignal} signal @returns {Promise<never>} */
function untilAborted(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(/** @type {Error} */ (signal.reason));
    });
  });
}

/** @param {Doomed} doomed @returns {ReturnType<Block>} */
async function untilRejected([promises, act]) {
  const count = promises.length;
  let rejected = 0;
  let settled = 0;
  const all = new Promise((resolve) => {
    const settle = () => {
      settled += 1;
      if (settled === count) resolve(undefined);
    };
    const reject = () => {
      rejected += 1;
      settle();
    };
    for (const promise of promises) promise.then(settle, reject);
  });
  const start = process.cpuUsage();
  act();
  await all;
  const { user, system } = process.cpuUsage(start);
  const check = () => {
    if (rejected < count) throw new Error(`${count - rejected} of ${count} were not cancelled`);
  };
  return { count, cost: ((user + system) * 1_000) / count, check };
}

/** @template T @param {readonly T[]} items @returns {T[]} */
function shuffled(items) {
  const random = randomNumbers(items.length);
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
