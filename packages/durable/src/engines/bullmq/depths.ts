import type { Depth } from '../../depth.ts';
import { answersOf } from './answers.ts';
import type { BullmqJobs } from './jobs.ts';
import { countJobs } from './scripts.ts';

/** How many jobs of each of these names there are, counted now. */
export async function depthsOf(
  jobs: BullmqJobs,
  names: readonly string[],
): Promise<Record<string, Depth>> {
  if (names.length === 0) return {};
  const pipeline = jobs.redis.pipeline();
  for (const name of names) {
    const base = jobs.base(name);
    pipeline.eval(countJobs, 1, `${base}meta`, base);
  }
  const answers = await answersOf(pipeline);
  const depths = answers.map((counts, index) => {
    const [ready = 0, active = 0, failed = 0, paused = 0] = counts as number[];
    const depth: Depth = { ready, active, failed, ...(paused === 1 && { paused: true }) };
    return [names[index] ?? '', depth] as const;
  });
  return Object.fromEntries(depths);
}
