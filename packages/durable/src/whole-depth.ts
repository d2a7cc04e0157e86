import type { JobLookup } from './backend-operations.ts';
import type { Depth } from './depth.ts';

const none: Depth = { ready: 0, active: 0, failed: 0 };

/** How many jobs there are of each of these names, and of each other one that has any, or is paused. */
export async function wholeDepth(
  lookup: JobLookup,
  names: Iterable<string>,
): Promise<Record<string, Depth>> {
  const used = Object.entries(await lookup.depth()).filter(
    ([, { ready, active, failed, paused }]) => ready + active + failed > 0 || paused === true,
  );
  const own = Array.from(names, (name) => [name, { ...none }] as const);
  return { ...Object.fromEntries(own), ...Object.fromEntries(used) };
}
