import {
  checkBoolean,
  checkCount,
  checkOptions,
  expected,
  type KnownOptions,
} from '@outlive/core/internal';
import type { JobBackend, OpenBackendOptions, Transaction } from '../../backend.ts';
import { reasonOf } from '../../store-failure.ts';
import { checkUrl, nameOfUrl } from '../store-address.ts';
import { loadPgBoss } from './load.ts';
import { bossOptions } from './settings.ts';
import { repeatConflicts, repeatStatements } from './conflicts.ts';
import type { Connection } from './connection.ts';
import { PgBossStore } from './store.ts';
import { checkTls } from './tls.ts';
import type { Db } from './types.ts';

/** Options of {@link postgresBackend}. */
export interface PostgresBackendOptions {
  /** A URL such as `postgres://user:password@host/database`. */
  readonly connectionString: string;
  /** The database schema that holds the tables, created if it is missing. @defaultValue `'outlive'` */
  readonly schema?: string | undefined;
  /** Most connections, besides the one that listens. @defaultValue `10` */
  readonly poolSize?: number | undefined;
  /**
   * Time in ms that connecting, or one statement, may take: the limit of `spawn()` when the database hangs.
   * @defaultValue `10_000`
   */
  readonly queryTimeout?: number | undefined;
  /**
   * Whether to create and update the tables. `false` where a step of the deployment does so; opening then
   * rejects if they are not up to date.
   * @defaultValue `true`
   */
  readonly migrate?: boolean | undefined;
  /**
   * TLS: `true`, or options of Node's `tls.connect()` such as `{ ca }`. The URL may say it instead:
   * `?sslmode=verify-full&sslrootcert=/ca.pem`, or `no-verify`.
   * @defaultValue as the URL says, else none
   */
  readonly ssl?: boolean | object | undefined;
}

/** pg-boss notes the size of its pool as an integer. */
const mostConnections = 2 ** 31 - 1;

const known: KnownOptions<PostgresBackendOptions> = {
  connectionString: true,
  schema: true,
  poolSize: true,
  queryTimeout: true,
  migrate: true,
  ssl: true,
};

/**
 * Durable jobs in PostgreSQL 13 or newer, by pg-boss: for any number of processes. The backend behind
 * `store: 'postgres://…'`. Install `pg-boss`; needs Node 22.12 or newer.
 *
 * It listens on one connection of its own, which has to be direct or through a pooler in session mode.
 * Behind a pooler in transaction mode it polls every second instead.
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
    ssl,
  } = checkOptions<PostgresBackendOptions>('options', options, known);
  const given = checkUrl('connectionString', connectionString, 'postgres');
  checkSchemaName(schema);
  checkCount('poolSize', poolSize, 1);
  checkCount('queryTimeout', queryTimeout, 1);
  checkBoolean('migrate', migrate);
  const url = checkTls(ssl, given);
  // A word such as `order` is a name in quotes alone.
  const quoted = `"${schema}"`;

  return new PgBossStore(nameOfUrl(url), async (open: OpenBackendOptions): Promise<Connection> => {
    const { PgBoss } = await loadPgBoss('PostgreSQL');
    // pg-boss passes its options on to the pool of `pg`, whose option this is.
    const poolOptions = { query_timeout: queryTimeout };
    const boss = new PgBoss({
      ...bossOptions(open, quoted),
      ...poolOptions,
      ...(ssl !== undefined && { ssl }),
      connectionString: url,
      max: Math.min(poolSize, mostConnections),
      connectionTimeoutMillis: queryTimeout,
      migrate,
      createSchema: migrate,
    });
    // Without a listener an error, such as a restart of the server, would end the process.
    boss.on('error', open.onError);
    let isStrict: boolean;
    try {
      await boss.start();
      isStrict = await hasStrictIsolation(boss.getDb());
    } catch (error) {
      await boss.stop({ graceful: false, close: true });
      throw migrate ? error : withoutTables(error, schema);
    }
    const db = boss.getDb();
    repeatStatements(db);
    return {
      boss,
      schema: quoted,
      migrates: migrate,
      native: { boss },
      transaction: async (work) => transact(db, work),
      ownTransaction: async (work) =>
        repeatConflicts(async () =>
          transact(db, async (tx) => {
            if (isStrict) await tx.query('set transaction isolation level read committed');
            return work(tx);
          }),
        ),
      close: async () => undefined,
    };
  });
}

/** Whether transactions see nothing of what others have changed since they began, unless they ask for that. */
async function hasStrictIsolation(db: Db): Promise<boolean> {
  const { rows } = await db.executeSql('show default_transaction_isolation');
  const [row] = rows as { default_transaction_isolation?: string }[];
  return row?.default_transaction_isolation?.startsWith('read ') !== true;
}

async function transact<T>(db: Db, work: (tx: Transaction) => Promise<T>): Promise<T> {
  if (db.beginTransaction === undefined) throw new TypeError('pg-boss offers no transactions');
  const { db: tx, commit, rollback } = await db.beginTransaction();
  try {
    const result = await work({ query: async (text, values) => tx.executeSql(text, values) });
    await commit();
    return result;
  } catch (error) {
    // A connection that is lost has rolled back by itself.
    await rollback().catch(() => undefined);
    throw error;
  }
}

/** pg-boss speaks of itself: "pg-boss is not installed". */
function withoutTables(error: unknown, schema: string): unknown {
  const message = reasonOf(error);
  const make = 'open it once with `migrate: true`, as a step of the deployment does';
  if (message === 'pg-boss is not installed') {
    return new Error(`there are no tables of jobs in its schema ${schema}: ${make}`, {
      cause: error,
    });
  }
  if (message !== 'pg-boss database requires migrations') return error;
  return new Error(
    `the tables in its schema ${schema} are of another version of pg-boss: ${make}`,
    { cause: error },
  );
}

function checkSchemaName(schema: unknown): void {
  if (typeof schema !== 'string' || !/^(?!pg_)[a-z_][a-z0-9_]{0,49}$/.test(schema)) {
    throw new TypeError(expected('schema', '1 to 50 of a-z 0-9 _, not beginning with pg_', schema));
  }
}
