// @ts-check
import { compare, ours, tasksOf } from '../measure/compare.mjs';
import { interleave } from '../measure/interleave.mjs';
import { median, ratio } from '../measure/statistics.mjs';

export const title =
  'CPU time of a trivial job in a burst of 100,000, 100 at a time; and of 1,000,000';

const size = { limit: 100, work: 'trivial' };

/** @returns {Promise<import('../report/rows.mjs').Row[]>} */
export default async function deep() {
  const names = [ours, 'fastq', 'p-limit', 'p-queue', 'async', 'model-context'];
  const tasks = tasksOf('queue', 'bursts', names, { count: 100_000, ...size });
  const rows = await compare(tasks, { fastq: 1 }, { sessions: 4, rounds: 4, warmUp: 1 });

  const both = { most: burst(1_000_000), many: burst(100_000) };
  const { most = [], many = [] } = await interleave(both, { sessions: 2, rounds: 3, warmUp: 1 });
  const growth = { ours: median(most), ratio: ratio(most, many), goal: 1.2 };
  return [...rows, { what: '1,000,000 vs 100,000', unit: 'ns', ...growth }];
}

/** @param {number} count */
function burst(count) {
  return { file: 'queue', workload: 'bursts', argument: { contestant: ours, count, ...size } };
}
