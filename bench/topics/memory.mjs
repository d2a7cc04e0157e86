// @ts-check
import { costOf } from '../measure/compare.mjs';
import { bytesOf } from '../measure/costs.mjs';

/** @typedef {import('../report/rows.mjs').Row} Row */

export const title =
  'Heap of a job: pending, active (beyond the promise of its function), finished';

const peers = ['fastq', 'p-limit', 'p-queue', 'async'];

/** @returns {Promise<Row[]>} */
export default async function memory() {
  const own = await bytesOf('pending');
  const inScheduler = await bytesOf('pending', { options: { context: 'scheduler' } });
  const bare = await bytesOf('active', { contestant: 'bare' });
  const active = (await bytesOf('active')) - bare;
  /** @type {Row[]} */
  const rows = [
    { what: 'pending job', unit: 'bytes', ours: own, goal: 200 },
    { what: "with context: 'scheduler'", unit: 'bytes', ours: inScheduler, goal: 130 },
    { what: 'active job', unit: 'bytes', ours: active, goal: 380 },
    { what: 'finished job, of a million', unit: 'bytes', ours: await left(false), goal: 1 },
    { what: 'the same under one signal', unit: 'bytes', ours: await left(true), goal: 1 },
  ];
  for (const peer of peers) {
    const theirs = await bytesOf('pending', { contestant: peer });
    rows.push({ ...beside('pending job', own, theirs), peer });
  }
  for (const peer of peers) {
    const theirs = (await bytesOf('active', { contestant: peer })) - bare;
    rows.push({ ...beside('active job', active, theirs), peer });
  }
  return rows;
}

/** @param {boolean} signal */
function left(signal) {
  return costOf({ file: 'memory', workload: 'left', argument: { signal } });
}

/** @param {string} what @param {number} own @param {number} theirs @returns {Row} */
function beside(what, own, theirs) {
  return { what, unit: 'bytes', ours: own, theirs, ratio: { value: own / theirs } };
}
