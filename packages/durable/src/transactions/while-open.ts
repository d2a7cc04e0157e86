import type { Transaction } from '../backend.ts';

/**
 * Runs `work` with a `tx` that takes nothing more once `work` has settled: a call that nobody waited for would come after
 * the ROLLBACK, and stay.
 */
export async function whileOpen<T>(
  tx: Transaction,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  let open = true;
  try {
    return await work({
      async query(text, values) {
        if (!open) throw new TypeError('The transaction is over: await what is stored in it');
        return tx.query(text, values);
      },
    });
  } finally {
    open = false;
  }
}
