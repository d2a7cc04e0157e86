import { nextTurn } from '@outlive/test-support/turn';

/** The library has told every failure of this turn by then. */
export async function settled(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
