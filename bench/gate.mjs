// @ts-check
// npm run bench:gate              fails when a job costs more than it did, by what no noise can change
// npm run bench:gate -- --update  takes the present numbers as those to hold
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import * as costs from './measure/costs.mjs';

/** @typedef {{ node: string, numbers: Record<string, number> }} Baseline */

const inScheduler = { options: { context: 'scheduler' } };
/** @type {Record<string, () => Promise<number>>} */
const numbers = {
  'promises per job': () => costs.countOf('promises'),
  'AsyncResources per job': () => costs.countOf('asyncResources'),
  'AbortControllers per job': () => costs.countOf('abortControllers'),
  'bytes per pending job': () => costs.bytesOf('pending'),
  "bytes per pending job with context 'scheduler'": () => costs.bytesOf('pending', inScheduler),
  'bytes per pending job that is awaited': () => costs.bytesOf('pending', { awaited: true }),
  'bytes per active job and its promise': () => costs.bytesOf('active'),
  'instructions: spawn and wait': () => costs.instructionsAlone(),
  'instructions: queued, then run': () => costs.instructionsQueued(),
  'instructions: added by atomic': () => costs.instructionsAtomic(),
};

const allowed = 0.03;
const updates = process.argv.includes('--update');

const file = new URL('baseline.json', import.meta.url);
/** @type {Record<string, Baseline>} by major version of Node: each compiles differently */
const baselines = JSON.parse(readFileSync(file, 'utf8'));
const [major = ''] = process.versions.node.split('.');
const held = baselines[major]?.numbers ?? {};

/** @type {Record<string, number>} */
const measured = {};
let failed = 0;
for (const [name, measure] of Object.entries(numbers)) {
  const value = Math.round(await measure());
  const before = held[name];
  // Without valgrind there are no instructions.
  if (Number.isNaN(value)) {
    if (before !== undefined) measured[name] = before;
    continue;
  }
  measured[name] = value;
  if (before === undefined) {
    console.log(`new     ${name}: ${value}`);
    continue;
  }
  const most = Math.round(before * (1 + allowed));
  if (value > most) failed += 1;
  const change = before === 0 ? '' : `, ${((value / before - 1) * 100).toFixed(1)} %`;
  console.log(
    `${value > most ? 'FAILED ' : 'ok     '} ${name}: ${value} (at most ${most}${change})`,
  );
}

if (updates) {
  baselines[major] = { node: process.version, numbers: measured };
  writeFileSync(file, await format(JSON.stringify(baselines), { parser: 'json', printWidth: 100 }));
  console.log(`Node ${major}: bench/baseline.json updated`);
} else if (baselines[major] === undefined) {
  console.log(`SKIPPED: there is no baseline for Node ${major}`);
} else if (failed > 0) {
  console.log(
    `${failed} of ${Object.keys(measured).length} numbers are more than ${allowed * 100} % above` +
      ' bench/baseline.json. If the price is right: npm run bench:gate -- --update',
  );
  process.exitCode = 1;
}
