import { checkMark, isMarked, type MarkedTransaction } from './marked-transaction.ts';
import type { Db, PgBoss } from './types.ts';

/** What the statements by which pg-boss inserts jobs have in them: their only value, and the policy of a job. */
const jobs = '$1::text::json';
const policy = 'q.policy,';

/**
 * The option of pg-boss by which it inserts jobs: without a key, a job has no policy either. It may then have a twin, and is in
 * none of the indexes by which a key is unique, which cost a third of what it takes to store a job.
 *
 * In a marked transaction its statement inserts nothing where the mark is gone.
 */
export function inserting(boss: PgBoss, tx: MarkedTransaction | undefined): { db: Db } {
  const executeSql: Db['executeSql'] = async (text, [value] = []) => {
    if (!text.includes(jobs) || !text.includes(policy)) {
      throw new Error('This version of pg-boss is not supported');
    }
    const statement = text.replace(
      policy,
      'case when "singletonKey" is not null then q.policy end,',
    );
    if (tx === undefined) return boss.getDb().executeSql(statement, [value]);
    const guarded = statement.replaceAll(
      jobs,
      `(case when ${isMarked('$2')} then $1::text else '[]' end)::json`,
    );
    const { rows } = await tx.query(guarded, [value, tx.mark]);
    // No row is the answer for a key that is taken too.
    if (rows.length === 0) await checkMark(tx);
    return { rows };
  };
  return { db: { executeSql } };
}
