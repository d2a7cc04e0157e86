import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nextTurn } from './turn.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Collects what is garbage by now. Two turns, since a WeakRef keeps its target for the turn it was made in. */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await nextTurn();
    gc();
  }
}

/**
 * Whether all of them become garbage, or all but so many: not at once, since V8 may hold on to one while a thread of its
 * own compiles, which takes as long as the machine is busy.
 */
export async function collected(
  references: readonly WeakRef<object>[],
  { allBut = 0 } = {},
): Promise<boolean> {
  for (let round = 0; round < 50; round++) {
    await collectGarbage();
    const left = references.filter((each) => each.deref() !== undefined);
    if (left.length <= allBut) return true;
  }
  return false;
}

/**
 * How many bytes a run leaves in the heap, which varies: V8 compiles meanwhile, and its tables grow. What is kept for good is
 * kept by each run, so that it is enough if one of them leaves less than `limit`.
 */
export async function heapGrowth(run: () => Promise<void>, limit: number): Promise<number> {
  let growth = Infinity;
  for (let count = 0; count < 5 && growth >= limit; count += 1) {
    await collectGarbage();
    const before = process.memoryUsage().heapUsed;
    await run();
    await collectGarbage();
    growth = process.memoryUsage().heapUsed - before;
  }
  return growth;
}
