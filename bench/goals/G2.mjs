// @ts-check
import { compareBothWays } from '../lib/compare.mjs';
import { allPeers, contestants, models } from '../lib/contestants.mjs';
import { ours, ratioRows } from '../lib/section.mjs';

export const title = 'Latency: spawn and wait, one trivial job at a time';

export default async function G2() {
  // A pool takes its whole list at once.
  const names = [ours, ...allPeers.filter((name) => name !== 'promise-pool'), ...models, 'bare'];
  const comparison = await compareBothWays(
    contestants('oneByOne', names, { count: 20_000, limit: 100 }),
    { sessions: 2, rounds: 20, warmUp: 12 },
  );
  return ratioRows(comparison, { fastq: 0.75, 'p-limit': 0.3, 'p-queue': 0.17, bare: 5 });
}
