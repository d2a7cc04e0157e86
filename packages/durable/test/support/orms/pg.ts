import { Client, Pool } from 'pg';
import type { Library } from './library.ts';

export async function openPg(connectionString: string): Promise<Library> {
  const client = new Client({ connectionString });
  await client.connect();
  const idle = new Client({ connectionString });
  await idle.connect();
  const pool = new Pool({ connectionString });
  return {
    others: [
      ['a pool', pool],
      ['a client without a transaction', idle],
    ],
    async transaction(work) {
      await client.query('begin');
      try {
        await work(client, (text) => client.query(text));
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
    },
    async close() {
      await Promise.all([client.end(), idle.end(), pool.end()]);
    },
  };
}
