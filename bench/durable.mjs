// @ts-check
// How many durable jobs a second go through the pump, against a bare loop of the engine's own fetch and
// complete, with the same batch size, in the same store, in turns. Node 22.12 or newer.
//   node bench/durable.mjs                          PGlite in a temporary directory
//   DATABASE_URL=postgres://... node bench/durable.mjs
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineJob, openJobs } from '@outlive/durable';

const count = 3_000;
const limit = 10;
const rounds = 5;

let left = 0;
let finished = () => {};
const job = defineJob('bench', () => {
  left -= 1;
  if (left === 0) finished();
});

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

/**
 * @param {any} boss
 * @param {string} name
 */
async function fill(boss, name) {
  for (let n = 0; n < count; n += 500) {
    const jobs = Array.from({ length: 500 }, (_, index) => ({
      data: { payload: n + index },
      singletonKey: `${n + index}-${Math.random()}`,
    }));
    await boss.insert(name, jobs);
  }
}

/** @param {any} boss */
async function raw(boss) {
  await fill(boss, 'bench-raw');
  const before = performance.now();
  for (;;) {
    const jobs = await boss.fetch('bench-raw', { batchSize: limit });
    if (jobs.length === 0) break;
    await boss.complete('bench-raw', jobs);
  }
  return (count / (performance.now() - before)) * 1_000;
}

/** @param {import('@outlive/durable').DurableJobs} jobs @param {any} boss */
async function pumped(jobs, boss) {
  jobs.pause();
  await fill(boss, 'bench');
  left = count;
  const done = new Promise((resolve) => {
    finished = () => resolve(undefined);
  });
  const before = performance.now();
  jobs.resume();
  await done;
  await jobs.idle();
  return (count / (performance.now() - before)) * 1_000;
}

const folder = await mkdtemp(join(tmpdir(), 'outlive-bench-'));
const store = process.env['DATABASE_URL'] ?? folder;
const jobs = await openJobs({ jobs: [job], store, limit });
const { boss } = /** @type {{ boss: any }} */ (jobs.native);
await boss.createQueue('bench-raw', { policy: 'exclusive', heartbeatSeconds: 30 });

/** @type {{ raw: number[], pumped: number[] }} */
const rates = { raw: [], pumped: [] };
for (let round = 0; round < rounds; round += 1) {
  rates.raw.push(await raw(boss));
  rates.pumped.push(await pumped(jobs, boss));
}
const ratio = median(rates.raw) / median(rates.pumped);
console.log(`raw fetch/complete loop  ${median(rates.raw).toFixed(0)} jobs/s`);
console.log(`pump                     ${median(rates.pumped).toFixed(0)} jobs/s`);
console.log(`ratio                    ${ratio.toFixed(2)} (goal: at most 1.5)`);
process.exitCode = ratio <= 1.5 ? 0 : 1;
await jobs.close();
await rm(folder, { recursive: true, force: true });
