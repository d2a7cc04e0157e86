import { Routine } from '../../util/routine.ts';
import type { Db } from './types.ts';

/** Time in ms between two looks at how much has changed. */
const interval = 5_000;

/**
 * The tables of a schema in which much has changed, by the rules of PostgreSQL's autovacuum
 * (https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM), with more rows: here all statements wait
 * meanwhile.
 */
const changedTables = `
  select format('%I.%I', schemaname, relname) as name, n_dead_tup > 2000 + 0.2 * n_live_tup as "hasDead"
  from pg_stat_user_tables
  where schemaname = $1
    and (n_dead_tup > 2000 + 0.2 * n_live_tup or n_mod_since_analyze > 2000 + 0.1 * n_live_tup)`;

/**
 * PostgreSQL cleans its tables in processes of their own, and PGlite has none: without this its files grow by all that ever
 * changed, and a claim takes three times as long after some 10,000 jobs.
 *
 * @returns the end of it
 */
export function keepClean(
  db: Pick<Db, 'executeSql'>,
  schema: string,
  onError: (error: unknown) => void,
): () => void {
  const clean = async (): Promise<void> => {
    const { rows } = await db.executeSql(changedTables, [schema]);
    for (const { name, hasDead } of rows as { name: string; hasDead: boolean }[]) {
      await db.executeSql(`${hasDead ? 'vacuum (analyze)' : 'analyze'} ${name}`);
    }
  };
  const routine = new Routine(interval, clean, onError);
  return () => void routine.end();
}
