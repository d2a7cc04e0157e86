import type { NewJob, Transaction } from '../../backend.ts';
import { dataOf, insertOf } from './bulk.ts';
import type { Connection } from './connection.ts';
import { inserting } from './inserting.ts';
import { isMarked, type MarkedTransaction, markTransaction } from './marked-transaction.ts';
import { channelOf } from './tables.ts';
import { takeWindows } from './windows.ts';

/** So often a job is looked for that others replace and store at the same time. */
const mostTries = 10;

/** Stores one job, by what its key asks for. */
export async function storeJob(
  connection: Connection,
  job: NewJob,
  tx: Transaction | undefined,
): Promise<string | null> {
  const isPlain = job.window === undefined && job.replace !== true;
  if (isPlain && tx === undefined) return send(connection, job, undefined);
  const store = async (given: Transaction): Promise<string | null> => {
    const own = await markTransaction(given);
    if (isPlain) return send(connection, job, own);
    if (job.replace === true) return replace(connection, job, own);
    const [isOpen = false] = await takeWindows(connection, [job], own);
    return isOpen ? send(connection, job, own) : null;
  };
  return tx === undefined ? connection.ownTransaction(store) : store(tx);
}

async function send(
  { boss }: Connection,
  job: NewJob,
  tx: MarkedTransaction | undefined,
): Promise<string | null> {
  const { data, ...options } = insertOf(job);
  return boss.send(job.name, data, { ...options, ...inserting(boss, tx) });
}

/** Makes the job that waits under the key to this one, or stores this one: then one that runs has no key any more. */
async function replace(
  connection: Connection,
  job: NewJob,
  tx: MarkedTransaction,
): Promise<string | null> {
  const { schema } = connection;
  const { name, key = '', delay = 0, priority = 0 } = job;
  const place = `name = $1 and singleton_key = $2`;
  for (let count = 0; count < mostTries; count += 1) {
    const { rows } = await tx.query(
      `update ${schema}.job set data = $3::text::jsonb, priority = $4::int,
         start_after = ${schema}.job_now() + $5::float8 * interval '1 millisecond'
       where ${place} and state in ('created', 'retry') and ${isMarked('$6')} returning id::text as id`,
      [name, key, JSON.stringify(dataOf(job)), priority, delay, tx.mark],
    );
    const [row] = rows;
    if (row !== undefined) {
      await tx.query(`select pg_notify(${channelOf(schema)}, $1::text)::text as note`, [name]);
      return String(row['id']);
    }
    await tx.query(
      `update ${schema}.job set singleton_key = null, policy = null where ${place} and state = 'active' and ${isMarked('$3')}`,
      [name, key, tx.mark],
    );
    const stored = await send(connection, job, tx);
    if (stored !== null) return stored;
  }
  throw new Error(`The key ${key} was taken again and again`);
}
