// @ts-check
import { compare } from '../measure/compare.mjs';
import { instructionsAtomic } from '../measure/costs.mjs';

/** @typedef {import('../report/rows.mjs').Row} Row */

export const title =
  'CPU time of an injected hello-world request to an atomic handler; and without us';

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
    const effort = { sessions: 5, rounds: 24, warmUp: 20 };
    const [row] = await compare(tasks, { 'no job': 1.05 }, effort);
    if (row !== undefined) rows.push({ what: framework, ...row });
  }
  const added = { ours: await instructionsAtomic(), goal: 1_500 };
  return [...rows, { what: 'instructions added', unit: 'count', ...added }];
}
