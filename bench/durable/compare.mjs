// @ts-check
import { defineJob, openJobs } from '@outlive/durable';
import { median } from '../lib/statistics.mjs';

/** The side of an engine that is measured without us. @typedef {{ fill(queue: string, count: number): Promise<void>, drain(limit: number): Promise<void>, close(): Promise<void> }} Raw */
/** @typedef {{ backend: import('@outlive/durable').JobBackend, openRaw(native: any, names: { raw: string, pumped: string }): Promise<Raw> }} Engine */

const count = 3_000;
const limit = 10;
const rounds = 5;
const names = { raw: 'bench-raw', pumped: 'bench' };

/**
 * @param {Engine} engine
 * @returns {Promise<{ raw: number, pumped: number, ratio: number }>} jobs a second, and how much slower ours is
 */
export async function compare({ backend, openRaw }) {
  let left = 0;
  /** @type {(() => void) | undefined} */
  let finished;
  const job = defineJob(names.pumped, () => {
    left -= 1;
    if (left === 0) finished?.();
  });
  const jobs = await openJobs({ jobs: [job], backend, limit });
  const raw = await openRaw(jobs.native, names);
  /** @type {{ raw: number[], pumped: number[] }} */
  const rates = { raw: [], pumped: [] };
  for (let round = 0; round < rounds; round += 1) {
    await raw.fill(names.raw, count);
    rates.raw.push(await rate(() => raw.drain(limit)));

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
    rates.pumped.push(await rate(pump));
  }
  await raw.close();
  await jobs.close();
  const [bare, ours] = [median(rates.raw), median(rates.pumped)];
  return { raw: bare, pumped: ours, ratio: bare / ours };
}

/** @param {() => Promise<void>} work */
async function rate(work) {
  const before = performance.now();
  await work();
  return (count / (performance.now() - before)) * 1_000;
}
