import type { Transaction } from '../backend.ts';
import { JobStoreError } from '../errors.ts';
import { fieldOf } from '../util/field-of.ts';

/** The code with which PostgreSQL refuses what follows a statement that has failed. */
const isAborted = '25P02';

/**
 * Runs `work` with a `tx` that takes nothing more once `work` has settled: a call that nobody waited for would come after
 * the ROLLBACK, and stay.
 *
 * @throws JobStoreError where a statement has failed in silence (rejects): to a COMMIT after that PostgreSQL answers as to any
 *   other, and rolls back
 */
export async function whileOpen<T>(
  tx: Transaction,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  let open = true;
  let underWay = 0;
  let failure: { readonly cause: unknown } | undefined;
  const query: Transaction['query'] = async (text, values) => {
    if (!open) throw new TypeError('The transaction is over: await what is stored in it');
    underWay += 1;
    try {
      return await tx.query(text, values);
    } catch (error) {
      if (fieldOf(error, 'code') !== isAborted) failure = { cause: error };
      throw error;
    } finally {
      underWay -= 1;
    }
  };
  let result: T;
  try {
    result = await work({ query });
  } finally {
    open = false;
  }
  // Statements that nobody has waited for are asked before this one. After a savepoint all may be well.
  if (failure !== undefined || underWay > 0) {
    await tx.query('select 1').catch((error: unknown) => {
      throw rolledBack(failure ?? { cause: error });
    });
  }
  return result;
}

function rolledBack(options: ErrorOptions): JobStoreError {
  return new JobStoreError(
    'The transaction was rolled back: a statement in it had failed, and after that PostgreSQL commits nothing. Let that ' +
      'error through, or go back to a savepoint',
    options,
  );
}
