// @ts-check
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** @typedef {{ module: string, workload: string, argument: Record<string, unknown> }} Counted */

const run = promisify(execFile);
const script = fileURLToPath(new URL('run-once.mjs', import.meta.url));

// One thread, garbage collection at fixed points, and hashes that are the same in every process: two
// runs then differ by less than 0.01 %.
const nodeFlags = [
  '--single-threaded',
  '--predictable-gc-schedule',
  '--hash-seed=1',
  '--random-seed=1',
];
const valgrindFlags = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null'];

export function hasValgrind() {
  return spawnSync('valgrind', ['--version']).status === 0;
}

/**
 * Machine instructions that one more job costs: what three times as many jobs need beyond what those need, so that
 * the start of Node and the compiling of hot functions are not in it.
 *
 * @param {Counted} contestant
 * @param {'count' | 'bursts'} [varied] the number in its argument that is tripled
 * @param {number} [each] how many jobs one of them is
 */
export async function instructionsPerJob(
  { module, workload, argument },
  varied = 'count',
  each = 1,
) {
  const few = Number(argument[varied]);
  const [less, more] = await Promise.all(
    [few, 3 * few].map(async (number) =>
      instructionsOf([module, workload, JSON.stringify({ ...argument, [varied]: number })]),
    ),
  );
  return ((more ?? NaN) - (less ?? NaN)) / (2 * few * each);
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
