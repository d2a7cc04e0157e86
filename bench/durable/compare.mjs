// @ts-check
import { defineJob, openJobs } from '@outlive/durable';
import { median, ratio } from '../measure/statistics.mjs';

/** An engine without us. @typedef {{ fill(queue: string, count: number): Promise<void>, drain(limit: number): Promise<void>, close(): Promise<void> }} Raw */
/** @typedef {{ backend: import('@outlive/durable').JobBackend, openRaw(native: any, names: { raw: string, pumped: string }): Promise<Raw> }} Engine */

const count = 3_000;
const limit = 10;
const rounds = 9;
const names = { raw: 'bench-raw', pumped: 'bench' };

/** The same jobs in the same store, as many at a time, in turns. @param {string} what @param {Engine} engine @returns {Promise<import('../report/rows.mjs').Row>} */
export async function compare(what, { backend, openRaw }) {
  let left = 0;
  /** @type {(() => void) | undefined} */
  let finished;
  const job = defineJob(names.pumped, () => {
    left -= 1;
    if (left === 0) finished?.();
  });
  const jobs = await openJobs({ jobs: [job], backend, limit });
  const raw = await openRaw(jobs.native, names);
  const theirs = [];
  const ours = [];
  for (let round = 0; round < rounds; round += 1) {
    await raw.fill(names.raw, count);
    theirs.push(await timeOf(() => raw.drain(limit)));

    jobs.pause();
    left = count;
    const done = new Promise((resolve) => {
      finished = () => resolve(undefined);
    });
    await raw.fill(names.pumped, count);
    const pump = async () => {
      jobs.resume();
      await done;
      await jobs.idle();
    };
    ours.push(await timeOf(pump));
  }
  await raw.close();
  await jobs.close();
  const pair = { ours: median([ours]), theirs: median([theirs]), ratio: ratio([ours], [theirs]) };
  return { what, unit: 'ns', ...pair, goal: 1.5 };
}

/** For each job, in ns. @param {() => Promise<void>} work */
async function timeOf(work) {
  const start = performance.now();
  await work();
  return ((performance.now() - start) * 1e6) / count;
}
