// @ts-check
/**
 * Jobs in a store, by Outlive or by the engine alone: what the workloads ask of each. `limit` jobs run at a time.
 *
 * @typedef {object} Queue
 * @property {(payload: object) => Promise<unknown>} add stores one job
 * @property {(payloads: readonly object[]) => Promise<unknown>} addMany stores these, by the fastest way there is
 * @property {(count: number) => Promise<void>} drain runs so many jobs that are stored, until the store knows that they are done
 * @property {(started: (payload: any) => void, hasBacklog?: boolean) => Promise<void>} serve runs jobs as they come, from now on; `hasBacklog`: many of them wait
 * @property {() => Promise<void>} rest runs no jobs until the next call of `drain` or `serve`
 * @property {() => Promise<void>} clear deletes all jobs
 * @property {() => Promise<void>} close
 */
/** Where the jobs are. `space`: those of one comparison. @typedef {{ kind: StoreKind, place: string, space: string, limit: number, poolSize: number }} Place */
/** @typedef {'pglite' | 'postgresql' | 'redis'} StoreKind */

/** Lease of a running job in ms, the same for all. */
export const leaseTime = 30_000;
/** Further attempts of a job that fails, the same for all. */
export const retries = 2;
export const name = 'bench';

/** What each store is called, and the engine that is measured alone beside it. @type {Record<StoreKind, string>} */
export const engines = { pglite: 'pg-boss', postgresql: 'pg-boss', redis: 'bullmq' };

/** @param {string} contestant @param {Place} place @returns {Promise<Queue>} */
export async function openQueue(contestant, place) {
  const { open } = await import(`./${contestant}.mjs`);
  return open(place);
}
