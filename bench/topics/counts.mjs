// @ts-check
import { countOf, instructionsAlone, instructionsQueued } from '../measure/costs.mjs';

/** @typedef {import('../report/rows.mjs').Row} Row */

export const title = 'What a job takes, counted: objects made for it, and machine instructions';

/** @returns {Promise<Row[]>} */
export default async function counts() {
  return [
    { what: 'promises', unit: 'count', ours: await countOf('promises'), goal: 6 },
    { what: 'AsyncResources', unit: 'count', ours: await countOf('asyncResources'), goal: 0 },
    { what: 'AbortControllers', unit: 'count', ours: await countOf('abortControllers'), goal: 0 },
    ...(await instructionRows('spawn and wait', instructionsAlone, 2_700)),
    ...(await instructionRows('queued, then run', instructionsQueued, 6_000)),
  ];
}

/** @param {string} what @param {(contestant?: string) => Promise<number>} count @param {number} goal */
async function instructionRows(what, count, goal) {
  const own = await count();
  /** @type {Row[]} */
  const rows = [{ what, unit: 'count', ours: own, goal }];
  for (const peer of ['fastq', 'p-limit', 'model-api']) {
    const theirs = await count(peer);
    rows.push({ what, peer, unit: 'count', ours: own, theirs, ratio: { value: own / theirs } });
  }
  return rows;
}
