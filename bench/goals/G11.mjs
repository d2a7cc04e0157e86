// @ts-check
import { compareBothWays } from '../lib/compare.mjs';
import { contestants } from '../lib/contestants.mjs';
import { ours, ratioRows } from '../lib/section.mjs';

export const title = 'The waves of G1 where everybody has an AsyncLocalStorage with a store';

export default async function G11() {
  const names = [ours, 'fastq', 'p-limit', 'p-queue', 'bare'];
  const comparison = await compareBothWays(
    contestants('waves', names, { count: 1_000, limit: 100, bursts: 10, store: true }),
    { sessions: 2, rounds: 20, warmUp: 12 },
  );
  const bare = Number.parseInt(process.versions.node, 10) >= 24 ? 2.1 : 2.4;
  return ratioRows(comparison, { fastq: 0.9, bare });
}
