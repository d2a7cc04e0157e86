// @ts-check
import { compareBothWays } from '../lib/compare.mjs';
import { allPeers, contestants } from '../lib/contestants.mjs';
import { ours, ratioRows } from '../lib/section.mjs';

export const title = 'Fire and forget: 10,000 trivial jobs, limit 100, until none is left';

export default async function G3() {
  const comparison = await compareBothWays(
    contestants('forget', [ours, ...allPeers], { count: 10_000, limit: 100 }),
    { sessions: 2, rounds: 20, warmUp: 12 },
  );
  return ratioRows(comparison, { fastq: 0.85, 'p-queue': 0.3 });
}
