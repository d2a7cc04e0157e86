// @ts-check
import { contestants } from '../lib/contestants.mjs';
import { measure } from '../lib/measure.mjs';
import { bytes, costRow, ours, ratioRow } from '../lib/section.mjs';

export const title =
  'Memory of a pending job, of an active one beyond its own promise, and of finished ones';

const names = [ours, 'fastq', 'p-limit', 'p-queue', 'async', 'bottleneck'];
const pendingGoal = 150;
const activeGoal = 420;
const leftGoal = 2 ** 20;

export default async function G5() {
  const pending = await costs('pendingMemory', false);
  const awaited = await costs('pendingMemory', true);
  const active = await costs('activeMemory', false);
  const [bare] = Object.values(contestants('activeMemory', ['bare'], size(false)));
  const least = bare === undefined ? NaN : await measure(bare);
  const left = await measure({
    module: new URL('../lib/finished-jobs.mjs', import.meta.url).href,
    workload: 'heapLeft',
  });
  const mine = pending[ours] ?? NaN;
  return {
    rows: [
      ...Object.entries(pending).map(([name, cost]) =>
        name === ours
          ? costRow(`pending: ${name}`, cost, bytes, pendingGoal)
          : ratioRow(
              `pending: ${name}`,
              bytes(cost),
              exactly(mine / cost),
              name === 'fastq' ? 0.25 : undefined,
            ),
      ),
      ...Object.entries(awaited).map(([name, cost]) =>
        costRow(`pending and awaited: ${name}`, cost, bytes),
      ),
      ...Object.entries(active).map(([name, cost]) =>
        costRow(`active: ${name}`, cost - least, bytes, name === ours ? activeGoal : undefined),
      ),
      costRow('left after a million jobs', Math.max(0, left), bytes, leftGoal),
    ],
  };
}

/** @param {string} workload @param {boolean} awaited */
async function costs(workload, awaited) {
  /** @type {Record<string, number>} */
  const result = {};
  for (const [name, contestant] of Object.entries(contestants(workload, names, size(awaited)))) {
    result[name] = await measure(contestant);
  }
  return result;
}

/** @param {boolean} awaited */
const size = (awaited) => ({ count: 50_000, awaited });

/** @param {number} value */
const exactly = (value) => ({ value, low: value, high: value });
