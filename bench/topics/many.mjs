// @ts-check
import { instructionsPerJob } from '../measure/cachegrind.mjs';
import { costOf } from '../measure/compare.mjs';
import { interleave } from '../measure/interleave.mjs';
import { median, ratio } from '../measure/statistics.mjs';

/** @typedef {import('../report/rows.mjs').Row} Row */

export const title =
  'What a job costs among 1,000, 10,000 and 100,000: with ten jobs of each key, and in back-off';

const counts = [1_000, 10_000, 100_000];
/** What may be added from the fewest to the most. */
const growth = 1.5;

/** @type {Record<string, { workload: string, bytes: string, options?: object }>} */
const kinds = {
  'with keys': { workload: 'keyed', bytes: 'bytesKeyed', options: { perKey: 2 } },
  'with fair keys': {
    workload: 'keyed',
    bytes: 'bytesKeyed',
    options: { perKey: 2, fair: true },
  },
  'in back-off': { workload: 'inBackOff', bytes: 'bytesInBackOff' },
};

/** @returns {Promise<Row[]>} */
export default async function many() {
  /** @type {Row[]} */
  const rows = [];
  for (const [name, { workload, bytes, options }] of Object.entries(kinds)) {
    /** @param {string} each @param {number} count */
    const task = (each, count) => ({ file: 'many', workload: each, argument: { count, options } });
    const times = await interleave(
      Object.fromEntries(counts.map((count) => [count, task(workload, count)])),
      { sessions: 3, rounds: 6, warmUp: 2 },
    );
    const [fewest = []] = Object.values(times);
    for (const count of counts) {
      const among = `${name}, among ${count.toLocaleString('en')}`;
      const samples = times[count] ?? [];
      const grown = count === counts[0] ? {} : { ratio: ratio(samples, fewest), goal: growth };
      rows.push({ what: among, unit: 'ns', ours: median(samples), ...grown });
    }
    const instructions = await Promise.all(
      counts.map((count) => instructionsOf(task(workload, count), count)),
    );
    const [least = NaN] = instructions;
    instructions.forEach((ours, index) => {
      const what = `${name}, among ${counts[index]?.toLocaleString('en')}`;
      const grown = index === 0 ? {} : { ratio: { value: ours / least }, goal: growth };
      rows.push({ what, unit: 'count', ours, ...grown });
    });
    const most = counts.at(-1) ?? 0;
    rows.push({ what: `${name}, heap`, unit: 'bytes', ours: await costOf(task(bytes, most), 1) });
  }
  return rows;
}

/** @param {import('../measure/interleave.mjs').Task} task @param {number} count */
function instructionsOf(task, count) {
  // As many jobs of each, so that as much is compiled.
  const few = Math.max(1, 100_000 / count);
  return instructionsPerJob(task, count, { few, many: 2 * few });
}
