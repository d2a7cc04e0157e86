// @ts-check
// Jobs that are all there at once, from their spawn to their end: what one costs must not depend on how many there are.
import { Scheduler } from '@outlive/core';
import { bytesEach } from './memory.mjs';

/** @typedef {import('../measure/interleave.mjs').Block} Block */
/** @typedef {{ count: number, options?: import('@outlive/core').SchedulerOptions }} Size */

/** Ten jobs of each key. @param {number} count */
function keysFor(count) {
  return Array.from({ length: count }, (_, index) => `key ${index % (count / 10)}`);
}

/** @param {object} [options] */
function open(options) {
  return new Scheduler({ limit: 100, pendingLimit: Infinity, ...options });
}

/** Pending jobs with keys. @param {Size} size @returns {Block} */
export function keyed({ count, options }) {
  const scheduler = open(options);
  const keys = keysFor(count);
  return async () => {
    let ran = 0;
    for (const key of keys) void scheduler.spawn(async () => (ran += 1), { key });
    await scheduler.idle();
    return { count, check: () => checkCount(ran, count) };
  };
}

/** Jobs that fail, wait for their next attempt, and get it when a drain begins. @param {Size} size @returns {Block} */
export function inBackOff({ count }) {
  const scheduler = open();
  return async () => {
    let ran = 0;
    for (let index = 0; index < count; index += 1) {
      void scheduler.spawn(
        ({ attempt }) => {
          if (attempt === 1) throw refused;
          ran += 1;
        },
        { retry: 1 },
      );
    }
    await scheduler.drain();
    return { count, check: () => checkCount(ran, count) };
  };
}

/** Bytes of heap of each pending job with a key. @param {Size} size @returns {Block} */
export const bytesKeyed =
  ({ count, options }) =>
  () => {
    const keys = keysFor(count);
    return bytesEach(count, async () => {
      const scheduler = open(options);
      scheduler.pause();
      for (const key of keys) void scheduler.spawn(async () => {}, { key });
      return scheduler;
    });
  };

/** The same of each in back-off, its timer included. @param {Size} size @returns {Block} */
export const bytesInBackOff =
  ({ count }) =>
  async () => {
    const scheduler = open();
    const bytes = await bytesEach(count, async () => {
      for (let index = 0; index < count; index += 1) {
        void scheduler.spawn(
          () => {
            throw refused;
          },
          { retry: { retries: 1, when: () => 3_600_000 } },
        );
      }
      return scheduler;
    });
    await scheduler.close();
    return bytes;
  };

const refused = new Error('not yet');

/** @param {number} ran @param {number} count */
function checkCount(ran, count) {
  if (ran !== count) throw new Error(`${ran} of ${count} jobs ran`);
}
