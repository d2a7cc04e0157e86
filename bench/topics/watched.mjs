// @ts-check
import { instructionsWatched } from '../measure/costs.mjs';

/** @typedef {import('../report/rows.mjs').Row} Row */
/** @typedef {import('../workloads/watched.mjs').Watcher} Watcher */

export const title =
  'Machine instructions of a job that is spawned and awaited: while nobody watches, and what each that does adds';

/** @type {readonly Watcher[]} */
const watchers = [
  'one subscriber',
  'logJobs',
  'prometheus',
  'opentelemetry metrics',
  'opentelemetry traces not sampled',
  'opentelemetry traces',
  'opentelemetry',
  'inspector',
  'inspector open',
];

/** @returns {Promise<Row[]>} */
export default async function watched() {
  const alone = await instructionsWatched('nobody');
  /** @type {Row[]} */
  const rows = [{ what: 'nobody watches', unit: 'count', ours: alone }];
  for (const watcher of watchers) {
    const ours = (await instructionsWatched(watcher)) - alone;
    rows.push({ what: `added by ${watcher}`, unit: 'count', ours });
  }
  return rows;
}
