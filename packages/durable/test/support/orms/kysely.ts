import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import type { Library } from './library.ts';

export async function openKysely(connectionString: string): Promise<Library> {
  const database = new Kysely<object>({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString, max: 2 }) }),
    plugins: [new CamelCasePlugin()],
  });
  const ended = await database.startTransaction().execute();
  await ended.rollback().execute();
  return {
    others: [
      ['Kysely itself', database],
      ['a transaction that has ended', ended],
    ],
    async transaction(work) {
      await database.transaction().execute(async (trx) => {
        await work(trx, (text) => sql.raw(text).execute(trx));
      });
    },
    close: async () => database.destroy(),
  };
}
