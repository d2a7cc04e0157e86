// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Does a share of the work. `check` throws if it was not done well and is called when the clock has
 * stopped; `cost` replaces the CPU time for a block of which only a part is measured.
 * @typedef {() => Promise<{ count: number, check?: (() => void) | undefined, cost?: number }>} Block
 */
/** @typedef {{ module: string, workload: string, argument?: unknown }} Contestant */
/** @typedef {{ sessions: number, rounds: number, warmUp: number }} Effort */

const script = fileURLToPath(new URL('contestant-process.mjs', import.meta.url));

/**
 * Runs blocks of the contestants in turn, each contestant in its own process, one process at work at a
 * time. After every session all processes are replaced, since where a process happens to be laid out
 * in memory is worth some percent.
 *
 * @param {Record<string, Contestant>} contestants
 * @param {Effort} effort
 * @returns {Promise<Record<string, number[]>>} ns of CPU time per job of each block
 */
export async function interleave(contestants, { sessions, rounds, warmUp }) {
  const names = Object.keys(contestants);
  /** @type {Record<string, number[]>} */
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let session = 0; session < sessions; session += 1) {
    /** @type {[string, import('node:child_process').ChildProcess][]} */
    const children = [];
    for (const [name, contestant] of Object.entries(contestants)) {
      children.push([name, await start(contestant)]);
    }
    try {
      for (let round = -warmUp; round < rounds; round += 1) {
        for (const [name, child] of inTurn(children, round)) {
          const cost = await go(child, name);
          if (round >= 0) samples[name]?.push(cost);
        }
      }
    } finally {
      for (const [, child] of children) if (child.connected) child.disconnect();
    }
  }
  return samples;
}

/** @param {Contestant} contestant */
async function start({ module, workload, argument = null }) {
  const child = fork(script, [module, workload, JSON.stringify(argument)], {
    execArgv: ['--expose-gc', '--max-old-space-size=8192'],
  });
  await answer(child, workload);
  return child;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} name
 */
async function go(child, name) {
  child.send('go');
  return (await answer(child, name)).cpu;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} name
 */
async function answer(child, name) {
  const given = new AbortController();
  const [message] = await Promise.race([
    once(child, 'message', given),
    once(child, 'exit', given).then(([code]) => {
      throw new Error(`${name} ended with ${code}`);
    }),
  ]).finally(() => {
    given.abort();
  });
  return /** @type {{ cpu: number }} */ (message);
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
