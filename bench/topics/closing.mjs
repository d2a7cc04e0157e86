// @ts-check
import { compare, ours, tasksOf } from '../measure/compare.mjs';
import { interleave } from '../measure/interleave.mjs';
import { median, ratio } from '../measure/statistics.mjs';

/** @typedef {import('../report/rows.mjs').Row} Row */

export const title = 'CPU time of a job that is cancelled, until its promise has settled';

const effort = { sessions: 3, rounds: 8, warmUp: 3 };

/** @returns {Promise<Row[]>} */
export default async function closing() {
  const pending = tasksOf('closing', 'closePending', [ours, 'p-limit'], { count: 100_000 });
  const active = tasksOf('closing', 'closeActive', [ours, 'p-queue'], { count: 10_000 });
  return [
    ...(await oneByOne()),
    ...named('close(), 100,000 pending', await compare(pending, { 'p-limit': 2.5 }, effort)),
    ...named('close(), 10,000 active', await compare(active, { 'p-queue': 0.4 }, effort)),
  ];
}

/** @returns {Promise<Row[]>} */
async function oneByOne() {
  const { few, many, theirs } = await interleave(
    {
      few: task(ours, 10_000, 10_000),
      many: task(ours, 100_000, 100_000),
      // By far the slowest, so that a sample of them has to do.
      theirs: task('p-queue', 300, 100_000),
    },
    { sessions: 2, rounds: 4, warmUp: 2 },
  );
  const own = median(many);
  return [
    { what: 'one of 100,000 pending', unit: 'ns', ours: own, goal: 2_500 },
    { what: 'vs of 10,000 pending', unit: 'ns', ours: own, ratio: ratio(many, few), goal: 2 },
    {
      what: 'one of 100,000 pending',
      peer: 'p-queue',
      unit: 'ns',
      ours: own,
      theirs: median(theirs),
      ratio: ratio(many, theirs),
    },
  ];
}

/** @param {string} contestant @param {number} count @param {number} pending */
function task(contestant, count, pending) {
  return { file: 'closing', workload: 'cancelPending', argument: { contestant, count, pending } };
}

/** @param {string} what @param {readonly Row[]} rows */
function named(what, rows) {
  return rows.map((row) => ({ what, ...row }));
}
