// @ts-check
// What every contestant is brought to, so that one driver can measure them all.

/** @typedef {(...args: any[]) => Promise<number>} Work */
/** @typedef {{ wait(): Promise<number> }} Job */
/**
 * A queue for jobs that are all the same.
 * @typedef {object} Queue
 * @property {() => PromiseLike<number>} run puts a job in; gives its result
 * @property {() => Promise<Job>} [spawn] the same in two steps, where that is the API
 * @property {(key: string) => PromiseLike<number>} [runFor] puts in a job of this key
 * @property {(count: number) => PromiseLike<number[]>} [runAll] runs so many jobs as one task; gives their results
 * @property {() => unknown} [add] puts a job in whose result nobody wants; `run` where there is no such thing
 * @property {() => PromiseLike<unknown>} [idle]
 * @property {() => unknown} [close] cancels everything
 * @property {boolean} [keepsContext] jobs see the AsyncLocalStorage of whoever put them in
 * @property {boolean} [unlimited]
 */

/**
 * @param {string} contestant
 * @param {number} limit
 * @param {Work} work
 * @param {object} [options] what only this contestant knows
 * @returns {Promise<Queue & { add: () => unknown }>}
 */
export async function openQueue(contestant, limit, work, options) {
  /** @type {{ open(limit: number, work: Work, options?: object): Queue }} */
  const { open } = await import(`./${contestant}.mjs`);
  const queue = open(limit, work, options);
  return { add: queue.spawn ?? queue.run, ...queue };
}

/** `run` of those who have our API. @param {() => Promise<Job>} spawn */
export function spawning(spawn) {
  const run = async () => {
    const job = await spawn();
    return job.wait();
  };
  return { spawn, run };
}
