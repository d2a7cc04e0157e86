import type { Transaction } from '../../backend.ts';

/**
 * A transaction that a call has marked. What the call asks for next waits in the client's queue, possibly behind a COMMIT or
 * ROLLBACK (also to a savepoint) of a caller that has not awaited the call, and would then be stored for good: so its
 * statements change nothing where the mark is gone.
 */
export interface MarkedTransaction extends Transaction {
  readonly mark: string;
}

/**
 * The marks of this transaction: a setting that goes with the transaction, or with the savepoint, in which it was made
 * (https://www.postgresql.org/docs/current/sql-set.html).
 */
const marks = `current_setting('outlive.calls', true)`;
/** So many characters of them are kept: the calls of one `tx` take turns, and few have a savepoint each meanwhile. */
const longest = 200;
let lastMark = 0;

export async function markTransaction(tx: Transaction): Promise<MarkedTransaction> {
  lastMark += 1;
  const mark = `<${lastMark}>`;
  await tx.query(
    `select set_config('outlive.calls', right(coalesce(${marks}, '') || $1::text, ${longest}), true) as marks`,
    [mark],
  );
  return { mark, query: async (text, values) => tx.query(text, values) };
}

/** A condition: the statement runs in the transaction that has the mark in this parameter. */
export function isMarked(parameter: `$${number}`): string {
  return `position(${parameter}::text in ${marks}) > 0`;
}

/** @throws TypeError where the mark is gone, so that the statements of the call have changed nothing (rejects) */
export async function checkMark(tx: MarkedTransaction): Promise<void> {
  const { rows } = await tx.query(`select coalesce(${isMarked('$1')}, false) as here`, [tx.mark]);
  if (rows[0]?.['here'] === true) return;
  throw new TypeError('`tx` is over, or was none: await what is stored in it');
}
