// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Does a share of the work. `check` throws if it was not done well, and is called when the clock has stopped; `cost`
 * replaces the CPU time where something else is measured.
 * @typedef {() => Promise<{ count: number, check?: (() => void) | undefined, cost?: number }>} Block
 */
/** Where the blocks of a contestant come from. @typedef {{ file: string, workload: string, argument?: unknown }} Task */
/** @typedef {{ sessions: number, rounds: number, warmUp: number }} Effort */
/** What a job cost: for each session, by each of its blocks. @typedef {number[][]} Samples */

const script = fileURLToPath(new URL('block-process.mjs', import.meta.url));

/**
 * Runs blocks in turn, one at a time, each contestant in a process of its own. Each session has new processes, since
 * what V8 makes of one, and where it lies in memory, is worth some percent.
 *
 * @template {string} Name
 * @param {Record<Name, Task>} tasks
 * @param {Effort} effort
 * @returns {Promise<Record<Name, Samples>>} ns of CPU time of a job, or what the task measures
 */
export async function interleave(tasks, { sessions, rounds, warmUp }) {
  const entries = /** @type {[Name, Task][]} */ (Object.entries(tasks));
  const samples = entries.map(() => /** @type {Samples} */ ([]));
  for (let session = 0; session < sessions; session += 1) {
    const children = await Promise.all(entries.map(async ([, task]) => start(task)));
    for (const own of samples) own.push([]);
    try {
      for (let round = -warmUp; round < rounds; round += 1) {
        for (const index of inTurn([...children.keys()], round)) {
          const cost = await run(children[index]);
          if (round >= 0) samples[index]?.at(-1)?.push(cost);
        }
      }
    } finally {
      for (const child of children) if (child.connected) child.disconnect();
    }
  }
  const named = entries.map(([name], index) => [name, samples[index]]);
  return /** @type {Record<Name, Samples>} */ (Object.fromEntries(named));
}

/** @param {Task} task */
async function start(task) {
  const child = fork(script, [JSON.stringify(task)], {
    execArgv: ['--expose-gc', '--max-old-space-size=8192'],
  });
  await answer(child);
  return child;
}

/** @param {import('node:child_process').ChildProcess | undefined} child @returns {Promise<number>} */
async function run(child) {
  child?.send('run');
  return (await answer(child)).cost;
}

/** @param {import('node:child_process').ChildProcess | undefined} child @returns {Promise<{ cost: number }>} */
async function answer(child) {
  if (child === undefined) throw new Error('no such contestant');
  const given = new AbortController();
  const exit = once(child, 'exit', given).then(([code]) => {
    throw new Error(`${child.spawnargs.at(-1)} ended with ${code}`);
  });
  const [message] = await Promise.race([once(child, 'message', given), exit]).finally(() => {
    given.abort();
  });
  return message;
}

/**
 * Another one begins each round, and every second round runs backwards: none is always behind the same.
 *
 * @template T
 * @param {readonly T[]} items
 * @param {number} round
 */
function inTurn(items, round) {
  const first = Math.abs(round) % items.length;
  const turned = [...items.slice(first), ...items.slice(0, first)];
  return round % 2 === 0 ? turned : turned.toReversed();
}
