import postgres from 'postgres';
import type { Library } from './library.ts';

export async function openPostgresJs(url: string): Promise<Library> {
  // Without the types of arrays, as behind poolers.
  const sql = postgres(url, { max: 2, fetch_types: false });
  return {
    others: [['a client without a transaction', sql]],
    async transaction(work) {
      await sql.begin(async (tx) => {
        await work(tx, (text) => tx.unsafe(text));
      });
    },
    close: async () => sql.end({ timeout: 1 }),
  };
}
