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
/** What a job cost, for each session, by each of its blocks. @typedef {number[][]} Samples */
/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

const script = fileURLToPath(new URL('block-process.mjs', import.meta.url));
const execArgv = ['--expose-gc', '--max-old-space-size=8192'];

/**
 * Runs blocks in turn, one at a time, each contestant in a process of its own. Each session has new processes, since
 * what V8 makes of one, and where it lies in memory, is worth some percent.
 *
 * @param {Record<string, Task>} tasks
 * @param {Effort} effort
 * @returns {Promise<Record<string, Samples>>} ns of CPU time of a job, or what the task measures
 */
export async function interleave(tasks, { sessions, rounds, warmUp }) {
  const names = Object.keys(tasks);
  /** @type {Record<string, Samples>} */
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let session = 0; session < sessions; session += 1) {
    const children = await Promise.all(Object.values(tasks).map(start));
    for (const name of names) samples[name]?.push([]);
    for (let round = -warmUp; round < rounds; round += 1) {
      const turns = names.map((name, index) => ({ name, child: children[index] }));
      // So that none is always behind the same.
      if (round % 2 !== 0) turns.reverse();
      for (const { name, child } of turns) {
        child?.send('run');
        const cost = await answer(child);
        if (round >= 0) samples[name]?.at(-1)?.push(cost);
      }
    }
    for (const child of children) child.disconnect();
  }
  return samples;
}

/** @param {Task} task */
async function start(task) {
  const child = fork(script, [JSON.stringify(task)], { execArgv });
  // What goes wrong in a contestant is on stderr, and ends the whole.
  child.on('exit', (code) => {
    if (code !== 0) process.exit(1);
  });
  await answer(child);
  return child;
}

/** @param {ChildProcess | undefined} child @returns {Promise<number>} */
async function answer(child) {
  if (child === undefined) throw new Error('no such contestant');
  const [message] = await once(child, 'message');
  return message.cost;
}
