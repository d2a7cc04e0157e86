// @ts-check
// Promises and nothing else, not even a limit: no queue that gives a result for each job can cost less.

/** @param {number} _limit @param {import('./queue.mjs').Work} work */
export function open(_limit, work) {
  return { run: () => work(), keepsContext: true, unlimited: true };
}
