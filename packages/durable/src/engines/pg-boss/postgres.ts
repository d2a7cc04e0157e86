import { checkCount, checkOptions, checkString, expected } from '@outlive/core/internal';
import type { JobBackend, OpenBackendOptions, Transaction } from '../../backend.ts';
import { checkNode } from '../load-engine.ts';
import { type BossDatabase, loadPgBoss } from './types.ts';
import { type Connection, PgBossBackend } from './store.ts';
import { bossOptions } from './settings.ts';

/** Options of {@link postgresBackend}. */
export interface PostgresBackendOptions {
  /** A URL as `postgres://user:password@host/database`. */
  readonly connectionString: string;
  /** The database schema that holds the tables, made if it is not there. @defaultValue `'outlive'` */
  readonly schema?: string | undefined;
  /** Connections at most, besides the one that listens. @defaultValue `10` */
  readonly poolSize?: number | undefined;
  /** Time in ms that connecting, or one statement, may take: what bounds `spawn()` when the database hangs. @defaultValue `10_000` */
  readonly queryTimeout?: number | undefined;
  /**
   * Whether to make and update the tables. `false` where a step of the deployment does that; opening then
   * fails if they are not up to date.
   * @defaultValue `true`
   */
  readonly migrate?: boolean | undefined;
}

/**
 * Durable jobs in PostgreSQL 13 or newer, by pg-boss: any number of processes. What `store: 'postgres://…'`
 * makes. Install `pg-boss`; needs Node 22.12 or newer.
 *
 * It listens on one connection of its own: give it a direct one, or a pooler in session mode. Behind a pooler in
 * transaction mode it polls every 2 s instead.
 *
 * `native` is `{ boss }`, the pg-boss instance.
 *
 * @throws TypeError or RangeError for a bad option
 * @example
 * ```ts
 * import { postgresBackend } from '@outlive/durable';
 *
 * const backend = postgresBackend({
 *   connectionString: process.env['DATABASE_URL'] ?? 'postgres://localhost/shop',
 *   poolSize: 20,
 *   migrate: false,
 * });
 * ```
 */
export function postgresBackend(options: PostgresBackendOptions): JobBackend {
  const {
    connectionString,
    schema = 'outlive',
    poolSize = 10,
    queryTimeout = 10_000,
    migrate = true,
  } = checkOptions<PostgresBackendOptions>('options', options);
  checkString('connectionString', connectionString);
  checkSchemaName(schema);
  checkCount('poolSize', poolSize, 1);
  checkCount('queryTimeout', queryTimeout, 1);
  if (typeof migrate !== 'boolean') throw new TypeError(expected('migrate', 'a boolean', migrate));

  return new PgBossBackend(async (open: OpenBackendOptions): Promise<Connection> => {
    checkNode('PostgreSQL as a job store (pg-boss)');
    const { PgBoss } = await loadPgBoss();
    const boss = new PgBoss({
      ...bossOptions(open, schema),
      connectionString,
      max: poolSize,
      connectionTimeoutMillis: queryTimeout,
      query_timeout: queryTimeout,
      migrate,
      createSchema: migrate,
    });
    // A listener also keeps the process alive when the server restarts.
    boss.on('error', open.onError);
    try {
      await boss.start();
    } catch (error) {
      await boss.stop({ graceful: false, close: true });
      throw error;
    }
    const db = boss.getDb();
    return {
      boss,
      schema,
      native: { boss },
      transaction: async (work) => transact(db, work),
      close: async () => undefined,
    };
  });
}

async function transact<T>(db: BossDatabase, work: (tx: Transaction) => Promise<T>): Promise<T> {
  if (db.beginTransaction === undefined) throw new TypeError('pg-boss offers no transactions');
  const { db: tx, commit, rollback } = await db.beginTransaction();
  try {
    const result = await work({ query: async (text, values) => tx.executeSql(text, values) });
    await commit();
    return result;
  } catch (error) {
    await rollback();
    throw error;
  }
}

function checkSchemaName(schema: unknown): void {
  if (typeof schema !== 'string' || !/^[a-z_][a-z0-9_]{0,49}$/.test(schema)) {
    throw new TypeError(expected('schema', '1 to 50 of a-z 0-9 _', schema));
  }
}
