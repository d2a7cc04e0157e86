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

/** Whether all of them become garbage. */
export async function collected(references: readonly WeakRef<object>[]): Promise<boolean> {
  for (let round = 0; round < 50; round++) {
    await collectGarbage();
    if (references.every((each) => each.deref() === undefined)) return true;
  }
  return false;
}
