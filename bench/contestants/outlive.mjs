// @ts-check
import { Scheduler } from '@outlive/core';
import { spawning } from './queue.mjs';

/** @param {number} limit @param {import('./queue.mjs').Work} work @param {object} [options] */
export function open(limit, work, options) {
  // Peers have no bound on what is pending either.
  const scheduler = new Scheduler({ limit, pendingLimit: Infinity, ...options });
  const queue = spawning(() => scheduler.spawn(work));
  return { ...queue, idle: () => scheduler.idle(), keepsContext: true };
}
