// @ts-check
import pMap from 'p-map';

/** @param {number} concurrency @param {import('./queue.mjs').Work} work */
export function open(concurrency, work) {
  return {
    /** @returns {Promise<number>} */
    run: () => Promise.reject(new Error('p-map takes lists only')),
    /** @param {number} count */
    runAll: (count) => pMap(Array.from({ length: count }), () => work(), { concurrency }),
  };
}
