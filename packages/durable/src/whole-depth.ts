import type { Depth, JobBackend } from './backend.ts';

/** How many jobs there are of each name of this process, and of each other one that has any, or is paused. */
export async function wholeDepth(backend: JobBackend): Promise<Record<string, Depth>> {
  const [own, all] = await Promise.all([backend.depth(), backend.lookup.depth()]);
  const used = Object.entries(all).filter(([, { ready, active, failed, paused }]) => {
    return ready + active + failed > 0 || paused === true;
  });
  return { ...own, ...Object.fromEntries(used) };
}
