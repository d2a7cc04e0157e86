// @ts-check
// How many jobs a second one store takes and gives, the more processes share it.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ours } from '../measure/compare.mjs';
import { engines } from './queue.mjs';

/** @typedef {import('./queue.mjs').StoreKind} StoreKind */
/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** Jobs a second. @typedef {{ contestant: string, processes: number, stored: number, run: number }} Point */

const script = fileURLToPath(new URL('growth-process.mjs', import.meta.url));
const sizes = [1, 4, 16];
const rounds = 3;
const limit = 10;
/** Connections of a process: 16 of them stay within what a server allows. */
const poolSize = 5;

/** @param {StoreKind} kind @param {import('./stores.mjs').Opened} store @returns {Promise<Point[]>} */
export async function measureGrowth(kind, { place }) {
  const points = [];
  for (const processes of sizes) {
    const contestants = [ours, engines[kind]];
    const groups = [];
    for (const contestant of contestants) {
      const space = `growth_${contestant.replace('-', '')}_${processes}`;
      groups.push(await start(contestant, { kind, place, space, limit, poolSize }, processes));
    }
    const count = kind === 'redis' ? 16_000 : 4_000;
    /** @type {number[][]} */
    const stored = groups.map(() => []);
    /** @type {number[][]} */
    const run = groups.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, group] of groups.entries()) {
        stored[index]?.push(await rateOfStoring(group, count));
        run[index]?.push(await rateOfRunning(group, count));
      }
    }
    for (const child of groups.flat()) child.disconnect();
    for (const [index, contestant] of contestants.entries()) {
      const rates = { stored: middle(stored[index]), run: middle(run[index]) };
      points.push({ contestant, processes, ...rates });
    }
  }
  return points;
}

/** One after the other: the first makes the tables. @param {string} contestant @param {object} place @param {number} processes */
async function start(contestant, place, processes) {
  const group = [];
  for (let index = 0; index < processes; index += 1) {
    const child = fork(script, [contestant, JSON.stringify(place)]);
    child.on('exit', (code) => {
      if (code !== 0) process.exit(1);
    });
    await told(child, 'ready');
    group.push(child);
  }
  return group;
}

/** @param {readonly ChildProcess[]} group @param {number} count */
async function rateOfStoring(group, count) {
  const begin = performance.now();
  await tell(group, 'enqueue', Math.floor(count / group.length));
  const rate = (count / (performance.now() - begin)) * 1_000;
  await tell(group.slice(0, 1), 'clear');
  return rate;
}

/** @param {readonly ChildProcess[]} group @param {number} count */
async function rateOfRunning(group, count) {
  await tell(group.slice(0, 1), 'fill', count);
  /** @type {Map<ChildProcess, { done: number, last: number }>} */
  const reports = new Map();
  const begin = Date.now();
  const end = new Promise((resolve) => {
    for (const child of group) {
      child.on('message', (/** @type {any} */ { order, done, last }) => {
        if (order !== 'run') return;
        reports.set(child, { done, last });
        const all = [...reports.values()];
        if (all.reduce((sum, each) => sum + each.done, 0) < count) return;
        resolve(Math.max(...all.map((each) => each.last)));
      });
    }
  });
  await tell(group, 'serve');
  const rate = (count / ((await end) - begin)) * 1_000;
  for (const child of group) child.removeAllListeners('message');
  await tell(group, 'rest');
  await tell(group.slice(0, 1), 'clear');
  return rate;
}

/** @param {readonly ChildProcess[]} group @param {string} order @param {number} [count] */
async function tell(group, order, count = 0) {
  await Promise.all(
    group.map(async (child) => {
      const answer = told(child, order);
      child.send({ order, count });
      await answer;
    }),
  );
}

/** @param {ChildProcess} child @param {string} what @returns {Promise<void>} */
function told(child, what) {
  return new Promise((resolve) => {
    const listener = (/** @type {any} */ { order }) => {
      if (order !== what) return;
      child.off('message', listener);
      resolve();
    };
    child.on('message', listener);
  });
}

/** @param {readonly number[]} [values] */
function middle(values = []) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
