// @ts-check
import { compare, ours, tasksOf } from '../measure/compare.mjs';
import { interleave } from '../measure/interleave.mjs';
import { median, ratio } from '../measure/statistics.mjs';

export const title = 'CPU time of a job that is cancelled, until its promise has been rejected';

/** @returns {Promise<import('../report/rows.mjs').Row[]>} */
export default async function closing() {
  const effort = { sessions: 3, rounds: 10, warmUp: 3 };
  const { few = [], many = [] } = await interleave(
    { few: cancel(10_000), many: cancel(100_000) },
    effort,
  );
  const cost = median(many);

  const behindOne = { limit: 1, count: 100_000 };
  const running = { limit: 100_000, count: 10_000 };
  const pending = tasksOf('closing', 'closeAll', [ours, 'p-limit'], behindOne);
  const active = tasksOf('closing', 'closeAll', [ours, 'p-queue'], running);
  return [
    { what: 'cancel 1 of 100,000', unit: 'ns', ours: cost, goal: 2_500 },
    { what: 'the same, vs of 10,000', unit: 'ns', ours: cost, ratio: ratio(many, few), goal: 2 },
    ...named('close 100,000 pending', await compare(pending, { 'p-limit': 2.5 }, effort)),
    ...named(
      'close 10,000 active',
      await compare(active, { 'p-queue': 0.4 }, { ...effort, warmUp: 6 }),
    ),
  ];
}

/** @param {number} count */
function cancel(count) {
  return { file: 'closing', workload: 'cancelEach', argument: { count } };
}

/** @param {string} what @param {readonly import('../report/rows.mjs').Row[]} rows */
function named(what, rows) {
  return rows.map((row) => ({ what, ...row }));
}
