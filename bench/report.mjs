// @ts-check
// npm run bench:report  writes the tables of docs/performance.md and docs/images/*.svg from results/
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { load } from './lib/results.mjs';
import { ours } from './lib/section.mjs';
import { table } from './lib/table.mjs';
import { chart } from './report/chart.mjs';
import { plot } from './report/plot.mjs';

const page = new URL('../docs/performance.md', import.meta.url);
const images = new URL('../docs/images/', import.meta.url);
const results = ['20', '22', '24'].map(load).filter((result) => result !== undefined);
const newest = results.at(-1);
if (newest === undefined) throw new Error('No results: npm run bench -- --save');

const tables = results.flatMap(({ node, date, machine, peers, sections }) => [
  `## Node ${node.slice(1)}`,
  `Measured on ${date}, ${machine}; ${peers}.`,
  ...sections.map((section) => `### ${section.id}. ${section.title}\n\n${table(section)}`),
]);
const marks = /(<!-- tables -->)[^]*(<!-- end of tables -->)/;
const text = readFileSync(page, 'utf8').replace(marks, `$1\n\n${tables.join('\n\n')}\n\n$2`);
// Prettier's own options for the repository.
writeFileSync(page, await format(text, { parser: 'markdown', singleQuote: true, printWidth: 100 }));

mkdirSync(images, { recursive: true });
const where = `Node ${newest.node.slice(1)}`;
picture(
  'latency',
  'G2',
  '',
  `One job at a time, spawned and awaited: CPU time of a job (${where})`,
);
picture('waves', 'G1', '', `Bursts of 1,000 jobs, 100 at once: CPU time of a job (${where})`);
picture('memory', 'G5', 'pending: ', `Heap of a job that waits for its turn (${where})`);

growthPicture('growth-time', 'time', `CPU time of a job in one burst of so many (${where})`);
growthPicture('growth-bytes', 'bytes', `Heap of each of so many jobs (${where})`);

/** @param {string} name @param {string} what @param {string} title */
function growthPicture(name, what, title) {
  const rows = newest?.sections.find((section) => section.id === 'growth')?.rows ?? [];
  const lines = ['pending', 'active'].map((kind) => ({
    name: kind,
    points: rows.flatMap((row) => {
      const [, count] = new RegExp(`^${what}, ${kind}: ([\\d,]+)$`).exec(row.name) ?? [];
      if (count === undefined) return [];
      return [{ x: Number(count.replaceAll(',', '')), y: amount(row.cost), label: row.cost }];
    }),
  }));
  if (lines.some(({ points }) => points.length === 0)) return;
  writeFileSync(new URL(`${name}.svg`, images), plot(title, 'flat is good', lines));
}

/** @param {string} name @param {string} id @param {string} prefix @param {string} title */
function picture(name, id, prefix, title) {
  const rows = newest?.sections.find((section) => section.id === id)?.rows ?? [];
  const bars = rows
    // Bottleneck would make the others invisible.
    .filter((row) => row.name.startsWith(prefix) && !row.name.endsWith('bottleneck'))
    .map((row) => ({ row, label: row.name.slice(prefix.length) }))
    .map(({ row, label }) => ({
      name: label,
      value: amount(row.cost),
      cost: row.cost,
      ours: label === ours,
    }));
  const costs = new Map(bars.map(({ value, cost }) => [value, cost]));
  const svg = chart(title, 'shorter is better', bars, (value) => costs.get(value) ?? '');
  writeFileSync(new URL(`${name}.svg`, images), svg);
}

/** Of `850 ns`, `1.2 µs` or `150 B`. @param {string} cost */
function amount(cost) {
  const number = Number.parseFloat(cost);
  return cost.endsWith('µs') ? number * 1_000 : number;
}
