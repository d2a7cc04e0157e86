// @ts-check
import { compare, ours, tasksOf } from '../measure/compare.mjs';
import { interleave } from '../measure/interleave.mjs';
import { median, ratio } from '../measure/statistics.mjs';

export const title =
  'CPU time of a trivial job in one burst of 100,000, 100 at a time; and in one of 1,000,000';

const size = { limit: 100, work: 'trivial' };

export default async function deep() {
  const names = [ours, 'fastq', 'p-limit', 'p-queue', 'async'];
  const tasks = tasksOf('queue', 'bursts', names, { count: 100_000, ...size });
  const rows = await compare(tasks, { fastq: 1 }, { sessions: 3, rounds: 3, warmUp: 1 });
  return [...rows, await growth(ours, 1.2), await growth('fastq')];
}

/** @param {string} name @param {number} [goal] @returns {Promise<import('../report/rows.mjs').Row>} */
async function growth(name, goal) {
  /** @param {number} count */
  const burst = (count) => ({
    file: 'queue',
    workload: 'bursts',
    argument: { contestant: name, count, ...size },
  });
  const tasks = { most: burst(1_000_000), many: burst(100_000) };
  const { most, many } = await interleave(tasks, { sessions: 2, rounds: 2, warmUp: 1 });
  const costs = name === ours ? { ours: median(most) } : { theirs: median(most) };
  const what = name === ours ? '1,000,000 vs 100,000' : `${name}: 1,000,000 vs 100,000`;
  return { what, unit: 'ns', ...costs, ratio: ratio(most, many), ...(goal && { goal }) };
}
