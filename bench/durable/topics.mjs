// @ts-check
import { compare, ours, tasksOf } from '../measure/compare.mjs';
import { engines } from './queue.mjs';

/** @typedef {import('./queue.mjs').StoreKind} StoreKind */
/** @typedef {import('./stores.mjs').Opened} Opened */
/** @typedef {{ what: string, workload: string, goal: number, size: (kind: StoreKind) => object, effort: import('../measure/interleave.mjs').Effort }} Topic */

const limit = 10;
const poolSize = 10;
/** At least 0.7 of the jobs that the engine alone does in a time. */
const goal = 1.43;
const short = { sessions: 3, rounds: 10, warmUp: 2 };
const long = { sessions: 3, rounds: 5, warmUp: 1 };

/** Times of blocks are some tenths of a second; PGlite is the slowest. @type {readonly Topic[]} */
const topics = [
  {
    what: 'enqueue()',
    workload: 'enqueue',
    goal,
    size: (kind) => ({ count: kind === 'redis' ? 1_000 : 200 }),
    effort: short,
  },
  {
    what: 'enqueueMany(), 10,000 jobs',
    workload: 'enqueueMany',
    goal,
    size: () => ({ count: 10_000 }),
    effort: long,
  },
  {
    what: 'run, limit 10',
    workload: 'run',
    goal,
    size: (kind) => ({ count: kind === 'redis' ? 3_000 : 1_000 }),
    effort: short,
  },
  {
    what: 'p99 from enqueue() to start',
    workload: 'latency',
    goal: 1.3,
    size: () => ({ count: 200, interval: 10 }),
    // Until the WebAssembly of PGlite is compiled with all optimizations.
    effort: { ...long, warmUp: 3 },
  },
];

/** What one process does with a store, beside what it does with the engine alone. @param {StoreKind} kind @param {Opened} store @param {readonly string[]} asked workloads; none for all @param {boolean} isQuick @returns {Promise<import('../report/rows.mjs').Row[]>} */
export async function measureStore(kind, { place }, asked, isQuick) {
  const rows = [];
  for (const { what, workload, goal: most, size, effort } of topics) {
    if (asked.length > 0 && !asked.includes(workload)) continue;
    const all = { place: { kind, place, limit, poolSize }, ...size(kind) };
    const tasks = tasksOf('durable', workload, [ours, engines[kind]], all);
    const own = isQuick ? { ...effort, sessions: 1 } : effort;
    const compared = await compare(tasks, { [engines[kind]]: most }, own);
    rows.push(...compared.map((row) => ({ ...row, what })));
  }
  return rows;
}

export const workloads = topics.map(({ workload }) => workload);
