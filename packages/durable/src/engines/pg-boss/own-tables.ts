import { JobStoreError } from '../../errors.ts';
import type { Db } from './types.ts';

/** SQLSTATE codes of two processes that create the same table (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const createdMeanwhile = ['23505', '42P07', '42710'];

/** Our own tables beside those of pg-boss, by name. */
const columns = {
  // When the last job of each schedule was due, in epoch ms.
  outlive_schedule: 'name text, id text, due double precision not null, primary key (name, id)',
  // Until when no second job of a key is stored.
  outlive_window: 'name text, key text, until timestamptz not null, primary key (name, key)',
};

/** @throws {@link JobStoreError} (rejects) where tables are missing that this process is not to create */
export async function ensureTables(db: Db, schema: string, migrate: boolean): Promise<void> {
  for (const [name, definition] of Object.entries(columns)) {
    const table = `${schema}.${name}`;
    const { rows } = await db.executeSql('select to_regclass($1) is null as missing', [table]);
    const [row] = rows as { missing: boolean }[];
    if (row?.missing !== true) continue;
    if (!migrate) {
      throw new JobStoreError(
        `The table ${table} is missing: open the store once with migrate: true`,
      );
    }
    try {
      await db.executeSql(`create table if not exists ${table} (${definition})`);
    } catch (error) {
      if (!createdMeanwhile.includes(String((error as { code?: unknown }).code))) throw error;
    }
  }
}
