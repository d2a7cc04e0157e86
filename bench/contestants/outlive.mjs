// @ts-check
import { Scheduler } from '@outlive/core';
import { spawning } from './queue.mjs';

/** @param {number} limit @param {import('./queue.mjs').Work} work @param {object} [options] */
export function open(limit, work, options) {
  // Peers have no bound on what is pending either.
  const scheduler = new Scheduler({ limit, pendingLimit: Infinity, ...options });
  return {
    ...spawning(() => scheduler.spawn(work)),
    idle: () => scheduler.idle(),
    close: () => scheduler.close(),
    keepsContext: true,
  };
}
