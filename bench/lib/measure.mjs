// @ts-check
import { interleave } from './interleave.mjs';
import { median } from './statistics.mjs';

/**
 * The median cost of one contestant by itself, for what hardly varies: bytes, or times with room to spare.
 *
 * @param {import('./interleave.mjs').Contestant} contestant
 * @param {Partial<import('./interleave.mjs').Effort>} [effort]
 */
export async function measure(contestant, effort) {
  const { only = [] } = await interleave(
    { only: contestant },
    { sessions: 1, rounds: 3, warmUp: 1, ...effort },
  );
  return median(only);
}
