import type { Transaction } from '../../backend.ts';

/** The id of the transaction that is under way. */
export async function transactionId(tx: Transaction): Promise<unknown> {
  const { rows } = await tx.query('select pg_current_xact_id()::text as id');
  return rows[0]?.['id'];
}

/**
 * A condition: the statement runs in the transaction whose id is in this parameter. One that a caller has not awaited may
 * come behind the end of it, where it would be for good.
 */
export function isIn(parameter: `$${number}`): string {
  return `pg_current_xact_id_if_assigned()::text = ${parameter}::text`;
}
