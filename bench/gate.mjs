// @ts-check
// npm run bench:gate              fails when a job costs more than it did, by what no noise can change
// npm run bench:gate -- --update  takes the present numbers as those to hold
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { measureNumbers } from './gate/numbers.mjs';

/** @typedef {{ node: string, numbers: Record<string, number> }} Baseline */

const allowed = 0.03;
const file = new URL('baseline.json', import.meta.url);
/** @type {Record<string, Baseline>} by major version of Node: each compiles differently */
const baselines = JSON.parse(readFileSync(file, 'utf8'));
const [major = ''] = process.versions.node.split('.');

const measured = await measureNumbers();
const baseline = baselines[major];

if (process.argv.includes('--update')) {
  const numbers = Object.fromEntries(
    Object.entries(measured).map(([name, { value }]) => [name, Math.round(value)]),
  );
  baselines[major] = { node: process.version, numbers };
  writeFileSync(file, await format(JSON.stringify(baselines), { parser: 'json', printWidth: 100 }));
  console.log(`Node ${major}: baseline updated`);
} else if (baseline === undefined) {
  console.log(`SKIPPED: there is no baseline for Node ${major}`);
}

let failed = 0;
for (const [name, { unit, value }] of Object.entries(measured)) {
  const held = baseline?.numbers[name];
  if (held === undefined) console.log(`new    ${name}: ${value.toFixed(0)} ${unit}`);
  else {
    const most = Math.round(held * (1 + allowed));
    const worse = Math.round(value) > most;
    if (worse) failed += 1;
    const change = held === 0 ? '' : ` (${percent(value / held - 1)})`;
    console.log(
      `${worse ? 'FAILED' : 'ok    '} ${name}: ${value.toFixed(0)} ${unit}${change}, at most ${most}`,
    );
  }
}
if (failed > 0 && !process.argv.includes('--update')) {
  console.log(
    `${failed} of ${Object.keys(measured).length} numbers are more than ${allowed * 100} % above` +
      ' bench/baseline.json. If the price is right: npm run bench:gate -- --update',
  );
  process.exitCode = 1;
}

/** @param {number} share */
function percent(share) {
  return `${share < 0 ? '' : '+'}${(share * 100).toFixed(1)} %`;
}
