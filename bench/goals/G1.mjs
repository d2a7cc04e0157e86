// @ts-check
import { compareBothWays } from '../lib/compare.mjs';
import { allPeers, contestants, models } from '../lib/contestants.mjs';
import { ours, ratioRows } from '../lib/section.mjs';

export const title =
  'Waves: bursts of 1,000, limit 100, each job lasts one turn, all results awaited';

export default async function G1() {
  const names = [ours, ...allPeers, ...models, 'bare'];
  const comparison = await compareBothWays(
    contestants('waves', names, { count: 1_000, limit: 100, bursts: 10 }),
    { sessions: 2, rounds: 20, warmUp: 12 },
  );
  return ratioRows(comparison, { fastq: 1, 'p-limit': 0.6, 'p-queue': 0.4, bare: 2.3 });
}
