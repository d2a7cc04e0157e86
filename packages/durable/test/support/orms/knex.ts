import { knex } from 'knex';
import type { Library } from './library.ts';

export async function openKnex(connection: string): Promise<Library> {
  const database = knex({ client: 'pg', connection, pool: { min: 0, max: 2 } });
  const ended = await database.transaction();
  await ended.rollback();
  return {
    others: [
      ['Knex itself', database],
      ['a transaction that has ended', ended],
    ],
    async transaction(work) {
      await database.transaction(async (trx) => {
        await work(trx, (text) => trx.raw(text));
      });
    },
    close: async () => database.destroy(),
  };
}
