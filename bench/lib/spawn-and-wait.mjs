// @ts-check
import { makeOneByOne, makeWaves } from './workloads.mjs';

/** @typedef {() => Promise<number>} Work */
/** @typedef {{ spawn(work: Work): Promise<{ wait(): Promise<number> }> }} Spawning */

/** The workloads of whoever has our API. @param {(limit: number) => Spawning} open */
export function spawnAndWait(open) {
  return {
    waves: makeWaves((limit, work) => {
      const scheduler = open(limit);
      const run = async () => {
        const job = await scheduler.spawn(work);
        return job.wait();
      };
      return (count) => Promise.all(Array.from({ length: count }, run));
    }),
    oneByOne: makeOneByOne((limit, work) => {
      const scheduler = open(limit);
      return async (count) => {
        let sum = 0;
        for (let index = 0; index < count; index += 1) {
          const job = await scheduler.spawn(work);
          sum += await job.wait();
        }
        return sum;
      };
    }),
  };
}
