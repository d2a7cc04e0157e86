import type { NewJob } from '../../backend.ts';
import type { Connection } from './connection.ts';
import { checkMark, isMarked, type MarkedTransaction } from './marked-transaction.ts';

/** So many windows that are over are deleted along with each that begins. */
const deletedAtOnce = 20;

/**
 * Begins the windows of these jobs, in a table of our own: a key is open for one job, and then for none before its window
 * is over, also where the job has long gone. Two transactions that want the same key wait for each other.
 *
 * @returns for each job whether it may be stored; `true` for those without a window
 */
export async function takeWindows(
  { schema }: Pick<Connection, 'schema'>,
  jobs: readonly NewJob[],
  tx: MarkedTransaction | undefined,
): Promise<boolean[]> {
  const isOpen = jobs.map(({ window }) => window === undefined);
  // Of each key the first job. In order, so that no two transactions wait for each other for ever.
  const first = new Map<string, number>();
  for (const [index, { key, window }] of jobs.entries()) {
    if (key !== undefined && window !== undefined && !first.has(key)) first.set(key, index);
  }
  if (first.size === 0 || tx === undefined) return isOpen;
  const table = `${schema}.outlive_window`;
  const now = `${schema}.job_now()`;
  await tx.query(
    `delete from ${table} where ctid = any(array(
       select ctid from ${table} where until < ${now} - interval '1 second' limit $1::int for update skip locked
     ))`,
    [deletedAtOnce],
  );
  const keys = [...first.keys()].toSorted();
  const given = keys.map((key) => ({ key, length: jobs[first.get(key) ?? 0]?.window }));
  const { rows } = await tx.query(
    `insert into ${table} as known (name, key, until)
     select $1, key, ${now} + length * interval '1 millisecond'
     from json_to_recordset($2::text::json) as given(key text, length float8) where ${isMarked('$3')}
     on conflict (name, key) do update set until = excluded.until where known.until <= ${now}
     returning key`,
    [jobs[0]?.name, JSON.stringify(given), tx.mark],
  );
  if (rows.length < keys.length) await checkMark(tx);
  for (const row of rows) isOpen[first.get(String(row['key'])) ?? -1] = true;
  return isOpen;
}
