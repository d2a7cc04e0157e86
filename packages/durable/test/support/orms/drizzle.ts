import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { drizzle as drizzleOnPostgresJs } from 'drizzle-orm/postgres-js';
import { Pool } from 'pg';
import postgres from 'postgres';
import type { Library } from './library.ts';

export async function openDrizzle(connectionString: string): Promise<Library> {
  const pool = new Pool({ connectionString, max: 2 });
  const database = drizzle(pool);
  return {
    others: [['Drizzle itself', database]],
    async transaction(work) {
      await database.transaction(async (tx) => {
        await work(tx, (text) => tx.execute(sql.raw(text)));
      });
    },
    close: async () => pool.end(),
  };
}

export async function openDrizzleOnPostgresJs(url: string): Promise<Library> {
  const client = postgres(url, { max: 2 });
  const database = drizzleOnPostgresJs(client);
  return {
    others: [['Drizzle itself', database]],
    async transaction(work) {
      await database.transaction(async (tx) => {
        await work(tx, (text) => tx.execute(sql.raw(text)));
      });
    },
    close: async () => client.end({ timeout: 1 }),
  };
}
