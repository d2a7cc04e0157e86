import type { Transaction } from '../../backend.ts';
import type { Db } from './types.ts';

/** The only value of the statements by which pg-boss inserts jobs. */
const inserted = '$1::text::json';

/**
 * A transaction of the caller's for pg-boss. What it is asked to insert waits in the client's queue meanwhile, possibly
 * behind a COMMIT or ROLLBACK of a caller that has not awaited it, and would then be stored for good: so the statement
 * inserts nothing in any transaction but the one that it was meant for. The same holds for a `tx` that is none.
 */
export function inCallersTransaction(tx: Transaction): Db {
  return {
    async executeSql(text: string, [jobs]: unknown[] = []) {
      if (!text.includes(inserted)) throw new Error('This version of pg-boss is not supported');
      const [current] = (await tx.query('select pg_current_xact_id()::text as id')).rows;
      // Null where no transaction has begun.
      const isCurrent = 'pg_current_xact_id_if_assigned()::text = $2::text';
      const guarded = text.replaceAll(
        inserted,
        `(case when ${isCurrent} then $1::text else '[]' end)::json`,
      );
      const { rows } = await tx.query(guarded, [jobs, current?.['id']]);
      // No row is the answer for a key that is taken too.
      if (rows.length === 0) {
        const [now] = (await tx.query('select pg_current_xact_id_if_assigned()::text as id')).rows;
        if (now?.['id'] !== current?.['id'])
          throw new TypeError(`\`tx\` is over, or was none: await what is stored in it`);
      }
      return { rows };
    },
  };
}
