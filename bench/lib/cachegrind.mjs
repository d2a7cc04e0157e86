// @ts-check
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** @typedef {import('./interleave.mjs').Contestant & { argument: { count: number } }} Counted */

const run = promisify(execFile);
const script = fileURLToPath(new URL('run-once.mjs', import.meta.url));

// One thread and garbage collection at fixed points: two runs then differ by some 0.1 %.
const nodeFlags = ['--single-threaded', '--predictable-gc-schedule'];
const valgrindFlags = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null'];

export function hasValgrind() {
  return spawnSync('valgrind', ['--version']).status === 0;
}

/**
 * Machine instructions that one more job costs: what `more` jobs need beyond what `count` need, so that
 * the start of Node and the compiling of hot functions are not in it.
 *
 * @param {Counted} contestant
 * @param {number} more
 */
export async function instructionsPerJob({ module, workload, argument }, more) {
  const { count } = argument;
  const [few, many] = await Promise.all(
    [count, count + more].map(async (jobs) =>
      instructionsOf([module, workload, JSON.stringify({ ...argument, count: jobs })]),
    ),
  );
  return ((many ?? NaN) - (few ?? NaN)) / more;
}

/** @param {string[]} args */
async function instructionsOf(args) {
  const { stderr } = await run('valgrind', [
    ...valgrindFlags,
    process.execPath,
    ...nodeFlags,
    script,
    ...args,
  ]);
  const [, digits] = /I\s+refs:\s+([\d,]+)/.exec(stderr) ?? [];
  if (digits === undefined) throw new Error(`cachegrind said: ${stderr}`);
  return Number(digits.replaceAll(',', ''));
}
