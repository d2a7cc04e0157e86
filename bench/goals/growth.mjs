// @ts-check
import { contestants } from '../lib/contestants.mjs';
import { interleave } from '../lib/interleave.mjs';
import { measure } from '../lib/measure.mjs';
import { bytes, count as plain, costRow, ours, time } from '../lib/section.mjs';
import { median } from '../lib/statistics.mjs';

export const title = 'How the cost of a job grows with the number of jobs, from 100 to 1,000,000';

const counts = [100, 1_000, 10_000, 100_000, 1_000_000];
const flat = 1.5;

export default async function growth() {
  const workloads = {
    pending: { peer: 'fastq', limit: 100, work: 'trivial' },
    active: { peer: 'bare', limit: 10_000_000, work: 'ofOneTurn' },
  };
  const rows = [];
  for (const [kind, { peer, ...work }] of Object.entries(workloads)) {
    const mine = await timesOf(ours, counts, work);
    rows.push(...grown(`time, ${kind}`, mine, time));
    // The same of somebody else, to tell what is ours from what is V8's.
    const [few = NaN, many = NaN] = await timesOf(
      peer,
      [counts[0] ?? NaN, counts.at(-1) ?? NaN],
      work,
    );
    rows.push(costRow(`time, ${kind}: most ÷ fewest of ${peer}`, many / few, plain));
  }
  for (const workload of ['pendingMemory', 'activeMemory']) {
    const costs = [];
    for (const count of counts) {
      costs.push(await measure(one(ours, workload, { count, awaited: false }), { rounds: 1 }));
    }
    // A hundred jobs are less than what else moves on the heap.
    rows.push(...grown(`bytes, ${workload.replace('Memory', '')}`, costs, bytes, 1_000));
  }
  return { rows };
}

/** @typedef {{ count: number, [key: string]: unknown }} Size */

/** @param {string} name @param {readonly number[]} sizes @param {object} work */
async function timesOf(name, sizes, work) {
  // Small bursts are repeated, so that every block lasts long enough to be measured.
  const all = Object.fromEntries(
    sizes.map((count) => [
      count,
      one(name, 'waves', { count, bursts: Math.max(1, 20_000 / count), ...work }),
    ]),
  );
  const samples = await interleave(all, { sessions: 1, rounds: 3, warmUp: 2 });
  return sizes.map((count) => median(samples[count] ?? []));
}

/** @param {string} name @param {string} workload @param {Size} size */
function one(name, workload, size) {
  const { [name]: contestant } = contestants(workload, [name], size);
  if (contestant === undefined) throw new Error(workload);
  return contestant;
}

/**
 * @param {string} name
 * @param {readonly number[]} costs
 * @param {(value: number) => string} format
 * @param {number} [from] the smallest count that is measured well
 */
function grown(name, costs, format, from = 100) {
  const judged = costs.filter((_, index) => (counts[index] ?? 0) >= from);
  // Only growth counts: that few jobs cost more, for want of others to share with, is no growth.
  const factor = (judged.at(-1) ?? NaN) / (judged[0] ?? NaN);
  return [
    ...costs.map((cost, index) =>
      costRow(`${name}: ${counts[index]?.toLocaleString('en')}`, cost, format),
    ),
    costRow(`${name}: most ÷ fewest`, factor, plain, flat),
  ];
}
