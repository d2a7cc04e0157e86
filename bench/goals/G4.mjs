// @ts-check
import { compare } from '../lib/compare.mjs';
import { interleave } from '../lib/interleave.mjs';
import { contestants } from '../lib/contestants.mjs';
import { ours, ratioRow, ratioRows } from '../lib/section.mjs';
import { median, ratio } from '../lib/statistics.mjs';

export const title = 'Deep queue: one burst of 100,000 trivial jobs, limit 100; and of 1,000,000';

/** Those whose growth is measured too: a million jobs take their time. */
const grown = [ours, 'fastq'];

export default async function G4() {
  const names = [ours, 'fastq', 'p-limit', 'p-queue', 'async'];
  const many = contestants('waves', names, { count: 100_000, limit: 100, work: 'trivial' });
  const comparison = await compare(many, { sessions: 2, rounds: 3, warmUp: 1 });
  const section = ratioRows(comparison, { fastq: 0.9 });

  // In the same run, so that each is compared with itself.
  const deep = Object.fromEntries(
    grown.flatMap((name) => [
      [`${name} 100k`, of(name, 100_000)],
      [`${name} 1M`, of(name, 1_000_000)],
    ]),
  );
  const samples = await interleave(deep, { sessions: 1, rounds: 6, warmUp: 1 });
  const rows = grown.map((name) => {
    const growth = ratio(samples[`${name} 1M`] ?? [], samples[`${name} 100k`] ?? []);
    const cost = `${(median(samples[`${name} 1M`] ?? []) / 1_000).toFixed(2)} µs`;
    return ratioRow(`${name}: 1M ÷ 100k`, cost, growth, name === ours ? 1.2 : undefined);
  });
  return { ...section, rows: [...section.rows, ...rows] };
}

/** @param {string} name @param {number} count */
function of(name, count) {
  const [contestant] = Object.values(
    contestants('waves', [name], { count, limit: 100, work: 'trivial' }),
  );
  if (contestant === undefined) throw new Error(name);
  return contestant;
}
