// @ts-check
import { hasValgrind } from '../measure/cachegrind.mjs';
import { compare } from '../measure/compare.mjs';
import { instructionsAtomic } from '../measure/costs.mjs';

/** @typedef {import('../report/rows.mjs').Row} Row */

export const title =
  'An atomic handler that never reads its signal: injected hello-world requests with it and without us';

/** @returns {Promise<Row[]>} */
export default async function atomic() {
  /** @type {Row[]} */
  const rows = [];
  for (const framework of ['node:http', 'express', 'koa', 'fastify']) {
    /** @param {string} kind */
    const requests = (kind) => ({
      file: 'atomic',
      workload: 'requests',
      argument: { count: 400, framework, kind },
    });
    const tasks = { atomic: requests('atomic'), 'no job': requests('plain') };
    const effort = { sessions: 6, rounds: 20, warmUp: 12 };
    const [row] = await compare(tasks, { 'no job': 1.05 }, effort);
    if (row !== undefined) rows.push({ what: framework, ...row });
  }
  if (hasValgrind()) {
    const what = 'instructions added';
    rows.push({ what, unit: 'count', ours: await instructionsAtomic(), goal: 1_500 });
  } else console.error('  valgrind is missing: no instructions counted');
  return rows;
}
