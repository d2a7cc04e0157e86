// @ts-check
// npm run bench -- G1 G5   measures the goals named, or all of them
// npm run bench -- --save  also keeps the results in results/, where npm run bench:report reads them
import { readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { versions } from './lib/contestants.mjs';
import { save } from './lib/results.mjs';
import { table } from './lib/table.mjs';

const folder = new URL('goals/', import.meta.url);
const goals = readdirSync(folder)
  .map((file) => file.slice(0, -'.mjs'.length))
  .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
const asked = process.argv.slice(2).filter((argument) => argument !== '--save');
const unknown = asked.filter((name) => !goals.includes(name));
if (unknown.length > 0) {
  console.error(`No such goal: ${unknown.join(', ')}. There are: ${goals.join(', ')}`);
  process.exit(2);
}

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
const peers = Object.entries(versions())
  .map(([name, version]) => `${name} ${version}`)
  .join(', ');
console.log(`Node ${process.version}, ${machine}, load ${loadavg()[0]?.toFixed(1)}\n${peers}`);

/** @type {import('./lib/section.mjs').Section[]} */
const sections = [];
for (const id of asked.length > 0 ? asked : goals) {
  const start = performance.now();
  const { default: goal, title } = await import(new URL(`${id}.mjs`, folder).href);
  console.log(`\n## ${id}. ${title}\n`);
  const section = { id, title, ...(await goal()) };
  sections.push(section);
  // At once: it takes minutes, and what is measured shall not be lost with what comes after.
  if (process.argv.includes('--save')) await save({ machine, peers, sections });
  console.log(table(section));
  console.error(`  ${((performance.now() - start) / 1_000).toFixed(0)} s`);
}

const verdicts = sections.flatMap(({ rows }) => rows.map(({ verdict }) => verdict));
const passed = verdicts.filter((verdict) => verdict === 'pass').length;
const short = verdicts.filter((verdict) => verdict === 'FALLS SHORT').length;
console.log(`\n${passed} numbers reach their goal, ${short} fall short.`);
