// @ts-check
import { compare, costOf, ours, tasksOf } from '../measure/compare.mjs';

export const title =
  'CPU time in the same bursts, each job with an AsyncLocalStorage store of its own';

const names = [ours, 'fastq', 'p-limit', 'p-queue', 'model-context', 'bare'];
const size = { count: 1_000, limit: 100, repeat: 10 };

/** @returns {Promise<import('../report/rows.mjs').Row[]>} */
export default async function context() {
  const tasks = tasksOf('queue', 'bursts', names, { ...size, stores: true });
  const rows = await compare(tasks, { fastq: 1.3, 'p-limit': 0.8 });
  /** @param {string} contestant */
  const foreign = (contestant) =>
    costOf({ file: 'queue', workload: 'foreignStores', argument: { ...size, contestant } });
  const mine = await foreign(ours);
  for (const peer of ['fastq', 'p-limit', 'p-queue']) {
    const theirs = await foreign(peer);
    rows.push({ what: 'see another’s store', peer, unit: '%', ours: mine, theirs });
  }
  return rows;
}
