import { readFileSync } from 'node:fs';

/** Runs what follows as process 1 of its own, as in a container; not every system allows that. */
export const unshare = ['unshare', '--pid', '--fork', '--kill-child'];

/** The process behind `unshare`, by its number out here. */
export function innerPid({ pid }: { readonly pid: number }): number {
  const inner = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  // 0 would be whoever runs the tests.
  if (!(inner > 0)) throw new Error('There is no process behind unshare');
  return inner;
}
