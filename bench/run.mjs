// @ts-check
// npm run bench                       measures everything
// npm run bench -- bursts memory      some of it
// npm run bench -- --save             also writes results/, docs/performance.md and docs/images/
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { writePage } from './report/page.mjs';
import { save } from './report/results.mjs';
import { result } from './report/rows.mjs';
import { legend, table } from './report/table.mjs';

const topics =
  'bursts latency forget deep context limits many closing memory counts atomic watched'.split(' ');
const saves = process.argv.includes('--save');
const asked = process.argv.slice(2).filter((argument) => argument !== '--save');
const unknown = asked.filter((name) => !topics.includes(name));
if (unknown.length > 0) {
  console.error(`No such topic: ${unknown.join(', ')}. There are: ${topics.join(', ')}`);
  process.exit(2);
}

const { devDependencies } = JSON.parse(
  readFileSync(new URL('package.json', import.meta.url), 'utf8'),
);
const peers = ['fastq', 'p-limit', 'p-queue', 'async', 'bottleneck', 'p-map'].map(
  (name) => `${name} ${devDependencies[name]}`,
);
const machine = `${cpus().length} × ${cpus()[0]?.model}; ${peers.join(', ')}`;
console.log(`Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, ${machine}\n${legend}`);

/** @type {import('./report/rows.mjs').Section[]} */
const sections = [];
for (const topic of asked.length > 0 ? asked : topics) {
  const start = performance.now();
  const { default: measure, title } = await import(`./topics/${topic}.mjs`);
  console.log(`\n${topic}: ${title}\n`);
  /** @type {import('./report/rows.mjs').Row[]} */
  const rows = await measure();
  // Without valgrind there are no instructions.
  const section = { topic, title, rows: rows.filter(({ ours }) => !Number.isNaN(ours)) };
  sections.push(section);
  // At once: it takes minutes, and what was measured shall not be lost with what comes after.
  if (saves) await save(machine, sections, topics);
  console.log(table(section.rows));
  console.error(`  ${((performance.now() - start) / 1_000).toFixed(0)} s`);
}
if (saves) await writePage(topics);

const results = sections.flatMap(({ rows }) => rows.map(result)).filter((text) => text !== '');
const passed = results.filter((text) => text === 'pass').length;
const voided = results.filter((text) => text === 'void').length;
const missed = results.length - passed - voided;
console.log(`\n${passed} of ${results.length} goals reached, ${missed} missed, ${voided} void.`);
