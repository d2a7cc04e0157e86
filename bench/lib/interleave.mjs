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
 * Runs blocks of the contestants in turn, one at a time: all in one process, or each in a process of its
 * own. After every session the processes are replaced, since where one happens to be laid out in memory
 * is worth some percent.
 *
 * @param {Record<string, Contestant>} contestants
 * @param {Effort} effort
 * @param {'together' | 'apart'} [where]
 * @returns {Promise<Record<string, number[]>>} ns of CPU time per job of each block
 */
export async function interleave(contestants, { sessions, rounds, warmUp }, where = 'apart') {
  const names = Object.keys(contestants);
  /** @type {Record<string, number[]>} */
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let session = 0; session < sessions; session += 1) {
    const children = await startAll(contestants, where);
    try {
      for (let round = -warmUp; round < rounds; round += 1) {
        for (const [name, child] of inTurn(Object.entries(children), round)) {
          const cost = await run(child, name);
          if (round >= 0) samples[name]?.push(cost);
        }
      }
    } finally {
      for (const child of Object.values(children)) if (child.connected) child.disconnect();
    }
  }
  return samples;
}

/**
 * The process in which each contestant is.
 *
 * @param {Record<string, Contestant>} contestants
 * @param {'together' | 'apart'} where
 */
async function startAll(contestants, where) {
  const shared = where === 'together' ? await start(contestants) : undefined;
  /** @type {Record<string, import('node:child_process').ChildProcess>} */
  const children = {};
  for (const [name, contestant] of Object.entries(contestants)) {
    children[name] = shared ?? (await start({ [name]: contestant }));
  }
  return children;
}

/** @param {Record<string, Contestant>} contestants */
async function start(contestants) {
  const child = fork(script, [JSON.stringify(contestants)], {
    execArgv: ['--expose-gc', '--max-old-space-size=8192'],
  });
  await answer(child, 'A contestant');
  return child;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} name
 */
async function run(child, name) {
  child.send(name);
  return (await answer(child, name)).cost;
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
  return /** @type {{ cost: number }} */ (message);
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
