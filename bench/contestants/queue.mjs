// @ts-check
// What every contestant is brought to, so that one driver can measure them all.

/** @typedef {() => Promise<number>} Work */
/** @typedef {{ wait(): Promise<number> }} Job */
/**
 * A queue for jobs that are all the same.
 * @typedef {object} Queue
 * @property {() => PromiseLike<number>} run puts a job in; gives its result
 * @property {() => Promise<Job>} [spawn] the same in two steps, where that is the API
 * @property {() => unknown} add puts a job in whose result nobody wants
 * @property {() => PromiseLike<unknown>} [idle]
 * @property {boolean} [keepsContext] jobs see the AsyncLocalStorage of whoever put them in
 * @property {boolean} [unlimited]
 */

/**
 * @param {string} contestant
 * @param {number} limit
 * @param {() => unknown} work
 * @param {object} [options] for our scheduler
 * @returns {Promise<Queue>}
 */
export async function openQueue(contestant, limit, work, options) {
  const { open } = await import(`./${contestant}.mjs`);
  return open(limit, work, options);
}

/** For those who have our API. @param {() => Promise<Job>} spawn @returns {Queue} */
export function spawning(spawn) {
  return {
    spawn,
    add: spawn,
    run: async () => {
      const job = await spawn();
      return job.wait();
    },
  };
}
