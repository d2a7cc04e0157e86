// @ts-check
import { Scheduler } from '@outlive/core';
import { spawning } from './queue.mjs';

/** @param {number} limit @param {import('./queue.mjs').Work} work @param {object} [options] */
export function open(limit, work, options) {
  // Peers have no bound on what is pending either.
  const scheduler = new Scheduler({ limit, pendingLimit: Infinity, ...options });
  return {
    ...spawning(() => scheduler.spawn(work)),
    /** @param {string} key */
    runFor: async (key) => {
      const job = await scheduler.spawn(work, { key });
      return job.wait();
    },
    /** @param {number} count */
    runAll: async (count) => {
      const group = scheduler.group({ limit });
      const spawned = Array.from({ length: count }, () => group.spawnNow(work));
      await group.wait();
      return Promise.all(spawned.map((job) => job.wait()));
    },
    idle: () => scheduler.idle(),
    close: () => scheduler.close(),
    keepsContext: true,
  };
}
