// @ts-check
// npm run bench                       measures everything
// npm run bench -- bursts memory      some of it
// npm run bench -- --save             also writes results/, docs/performance.md and docs/images/
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { writePage } from './report/page.mjs';
import { save } from './report/results.mjs';
import { result } from './report/rows.mjs';
import { plainTable } from './report/table.mjs';

const topics = 'bursts latency forget deep context closing memory counts atomic'.split(' ');
const saves = process.argv.includes('--save');
const asked = process.argv.slice(2).filter((argument) => argument !== '--save');
const unknown = asked.filter((name) => !topics.includes(name));
if (unknown.length > 0) {
  console.error(`No such topic: ${unknown.join(', ')}. There are: ${topics.join(', ')}`);
  process.exit(2);
}

/** @type {{ devDependencies: Record<string, string> }} */
const { devDependencies } = JSON.parse(
  readFileSync(new URL('package.json', import.meta.url), 'utf8'),
);
const versions = ['fastq', 'p-limit', 'p-queue', 'async']
  .map((name) => `${name} ${devDependencies[name]}`)
  .join(', ');
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
console.log(`Node ${process.version}, ${machine}, load ${loadavg()[0]?.toFixed(1)}; ${versions}`);

/** @type {import('./report/rows.mjs').Section[]} */
const sections = [];
for (const topic of asked.length > 0 ? asked : topics) {
  const start = performance.now();
  const { default: measure, title } = await import(`./topics/${topic}.mjs`);
  console.log(`\n${topic}: ${title}\n`);
  const section = { topic, title, rows: await measure() };
  sections.push(section);
  // At once: it takes minutes, and what was measured shall not be lost with what comes after.
  if (saves) await save({ machine, versions, sections }, topics);
  console.log(plainTable(section.rows));
  console.error(`  ${((performance.now() - start) / 1_000).toFixed(0)} s`);
}
if (saves) await writePage();

const results = sections.flatMap(({ rows }) => rows.map(result)).filter((text) => text !== '');
const passed = results.filter((text) => text === 'pass').length;
const voided = results.filter((text) => text === 'void').length;
const missed = results.length - passed - voided;
console.log(`\n${passed} of ${results.length} goals reached, ${missed} missed, ${voided} void.`);
