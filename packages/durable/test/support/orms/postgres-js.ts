import postgres from 'postgres';
import type { Library } from './library.ts';

export async function openPostgresJs(url: string): Promise<Library> {
  const sql = postgres(url, { max: 2 });
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
