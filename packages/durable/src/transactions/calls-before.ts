import type { Transaction } from '../backend.ts';

/** The `tx` of the call that a call has waited for, by its own. */
const before = new WeakMap<Transaction, Transaction>();

/** Notes that what becomes of one call becomes of another, too: both are of one transaction or savepoint. */
export function bindToCall(tx: Transaction, earlier: Transaction): void {
  before.set(tx, earlier);
}

/** The call without whose mark a call is too late: a ROLLBACK may have come between, to a savepoint before both. */
export function boundTo(tx: Transaction): Transaction | undefined {
  return before.get(tx);
}
