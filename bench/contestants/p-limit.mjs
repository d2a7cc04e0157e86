// @ts-check
import pLimit from 'p-limit';

/** @param {number} concurrency @param {import('./queue.mjs').Work} work */
export function open(concurrency, work) {
  const limit = pLimit({ concurrency, rejectOnClear: true });
  return { run: () => limit(work), close: () => limit.clearQueue(), keepsContext: true };
}
