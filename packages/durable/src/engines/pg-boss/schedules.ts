import type { NewJob, Transaction } from '../../backend.ts';
import type { JobSchedules, ScheduleRef } from '../../backend-schedules.ts';
import { insertOf } from './bulk.ts';
import type { Connection } from './connection.ts';
import { inserting } from './inserting.ts';
import { markTransaction } from './marked-transaction.ts';

/**
 * Schedules in a table of our own beside those of pg-boss: the time of the last job and the job are written in one
 * transaction, so that no process can store it twice, or remember it without storing it.
 */
export class PgBossSchedules implements JobSchedules {
  readonly #connection: Connection;
  readonly #table: string;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#table = `${connection.schema}.outlive_schedule`;
  }

  async replace(
    names: readonly string[],
    schedules: readonly ScheduleRef[],
    since: number,
  ): Promise<number[]> {
    const ids = schedules.map(({ name, id }) => `${name}:${id}`);
    return this.#connection.ownTransaction(async (tx) => {
      // Of two processes that open at the same time with different schedules, only those of one are left.
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [this.#table]);
      await tx.query(
        `delete from ${this.#table} where name = any($1::text[]) and name || ':' || id <> all($2::text[])`,
        [names, ids],
      );
      await tx.query(
        `insert into ${this.#table} (name, id, due)
         select split_part(ref, ':', 1), split_part(ref, ':', 2), $2::float8 from unnest($1::text[]) as ref
         on conflict do nothing`,
        [ids, since],
      );
      const { rows } = await tx.query(
        `select name || ':' || id as ref, due::float8 as due from ${this.#table} where name = any($1::text[])`,
        [names],
      );
      const due = new Map(rows.map((row) => [String(row['ref']), Number(row['due'])]));
      return ids.map((id) => due.get(id) ?? since);
    });
  }

  async enqueue(job: NewJob, id: string, due: number): Promise<string | null> {
    return this.#connection.ownTransaction(async (tx) => {
      if (!(await this.#advance(tx, job.name, id, due))) return null;
      const { boss } = this.#connection;
      const { data, ...options } = insertOf(job);
      const own = await markTransaction(tx);
      return boss.send(job.name, data, { ...options, ...inserting(boss, own) });
    });
  }

  async #advance(tx: Transaction, name: string, id: string, due: number): Promise<boolean> {
    const { rows } = await tx.query(
      `update ${this.#table} set due = $3::float8 where name = $1 and id = $2 and due < $3::float8 returning name`,
      [name, id, due],
    );
    return rows.length === 1;
  }
}
