import { checkMark, isMarked, type MarkedTransaction } from './marked-transaction.ts';
import type { Db } from './types.ts';

/** The only value of the statements by which pg-boss inserts jobs. */
const inserted = '$1::text::json';

/** A marked transaction for pg-boss, in which its statement inserts nothing where the mark is gone. */
export function insertingIn(tx: MarkedTransaction): Db {
  return {
    async executeSql(text: string, [jobs]: unknown[] = []) {
      if (!text.includes(inserted)) throw new Error('This version of pg-boss is not supported');
      const guarded = text.replaceAll(
        inserted,
        `(case when ${isMarked('$2')} then $1::text else '[]' end)::json`,
      );
      const { rows } = await tx.query(guarded, [jobs, tx.mark]);
      // No row is the answer for a key that is taken too.
      if (rows.length === 0) await checkMark(tx);
      return { rows };
    },
  };
}
