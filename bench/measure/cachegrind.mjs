// @ts-check
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('block-process.mjs', import.meta.url));
/** Blocks. What is hot has been compiled after 60 of a thousand jobs. @typedef {{ few: number, many: number }} Times */
const timesByDefault = { few: 60, many: 100 };

// One thread, garbage collection at fixed points, and hashes that are the same in every process: two runs then
// differ by less than 0.01 %, without the same hashes by up to 6 %.
const nodeFlags = [
  '--single-threaded',
  '--predictable-gc-schedule',
  '--hash-seed=1',
  '--random-seed=1',
];
const valgrindFlags = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null'];

const hasValgrind = spawnSync('valgrind', ['--version']).status === 0;
if (!hasValgrind) console.log('SKIPPED: valgrind is missing, so no instructions are counted');

/**
 * Machine instructions of one more job: what more blocks need, so that the start of Node and the compiling of hot
 * functions are not in it. NaN where there is no valgrind.
 *
 * @param {import('./interleave.mjs').Task} task
 * @param {number} count the jobs of a block
 * @param {Times} [times]
 */
export async function instructionsPerJob(task, count, { few, many } = timesByDefault) {
  if (!hasValgrind) return NaN;
  const [less = NaN, more = NaN] = await Promise.all(
    [few, many].map(async (times) => instructionsOf(JSON.stringify(task), times)),
  );
  return (more - less) / ((many - few) * count);
}

/** @param {string} task @param {number} times */
async function instructionsOf(task, times) {
  const node = [process.execPath, ...nodeFlags, script, task, String(times)];
  const { stderr } = await run('valgrind', [...valgrindFlags, ...node]);
  const [, digits] = /I\s+refs:\s+([\d,]+)/.exec(stderr) ?? [];
  if (digits === undefined) throw new Error(`cachegrind said: ${stderr}`);
  return Number(digits.replaceAll(',', ''));
}
