// @ts-check
// What `npm run bench:durable -- --save` keeps, and the page that shows it.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { format } from 'prettier';
import { legend, table } from '../report/table.mjs';

/** @typedef {{ kind: import('./queue.mjs').StoreKind, rows: import('../report/rows.mjs').Row[], points: import('./growth.mjs').Point[] }} Measured */

const file = new URL('../results/durable.md', import.meta.url);
const page = new URL('../../docs/durable/throughput.md', import.meta.url);
const titles = { pglite: 'PGlite', postgresql: 'PostgreSQL', redis: 'Redis' };

/** @param {readonly import('./growth.mjs').Point[]} points */
export function growthTable(points) {
  const head = ['', 'processes', 'stored a second', 'run a second'];
  const lines = points.map(({ contestant, processes, stored, run }) =>
    [contestant, String(processes), rate(stored), rate(run)].join(' | '),
  );
  return [head.join(' | '), '--- | --: | --: | --:', ...lines]
    .map((line) => `| ${line} |`)
    .join('\n');
}

/** @param {readonly Measured[]} measured */
export async function save(measured) {
  const [major] = process.versions.node.split('.');
  const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${major}, load at the end ${loadavg()[0]?.toFixed(1)}`;
  const parts = measured.map(({ kind, rows, points }) =>
    [
      `## ${titles[kind]}`,
      ...(rows.length > 0 ? [table(rows)] : []),
      ...(points.length > 0 ? [growthTable(points)] : []),
    ].join('\n\n'),
  );
  const head = `# Durable jobs\n\nWritten by \`npm run bench:durable -- --save\`: ${machine}. What the numbers mean: [Throughput](../../docs/durable/throughput.md).`;
  const text = [head, legend, ...parts].join('\n\n');
  writeFileSync(file, await format(text, { parser: 'markdown' }));
}

export async function writePage() {
  const tables = readFileSync(file, 'utf8')
    .split(/^(?=## )/m)
    .slice(1)
    .join('\n')
    .replaceAll(/^## /gm, '### ');
  const marks = /(<!-- numbers -->)[^]*(<!-- end of numbers -->)/;
  const text = readFileSync(page, 'utf8').replace(
    marks,
    (_, begin, end) => `${begin}\n\n${tables}\n\n${end}`,
  );
  writeFileSync(page, await format(text, { parser: 'markdown', singleQuote: true }));
}

/** @param {number} value */
function rate(value) {
  return Math.round(value).toLocaleString('en');
}
