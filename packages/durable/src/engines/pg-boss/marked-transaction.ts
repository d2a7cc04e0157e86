import type { Transaction } from '../../backend.ts';
import { boundTo } from '../../transactions/calls-before.ts';

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
/** By the `tx` of each call. */
const marksOf = new WeakMap<Transaction, string>();

/** Where the transaction does not have the mark of the call that this one is bound to, it gets none. */
export async function markTransaction(tx: Transaction): Promise<MarkedTransaction> {
  lastMark += 1;
  const mark = `<${lastMark}>`;
  const earlier = boundTo(tx);
  const needed = earlier && marksOf.get(earlier);
  marksOf.set(tx, mark);
  const added =
    needed === undefined ? '$1::text' : `case when ${isMarked('$2')} then $1::text else '' end`;
  await tx.query(
    `select set_config('outlive.calls', right(coalesce(${marks}, '') || ${added}, ${longest}), true) as marks`,
    [mark, ...(needed === undefined ? [] : [needed])],
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
