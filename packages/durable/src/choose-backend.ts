import { expected } from '@outlive/core/internal';
import type { JobBackend } from './backend.ts';
import { bullmqBackend } from './engines/bullmq/factory.ts';
import { pgliteBackend } from './engines/pg-boss/pglite.ts';
import { postgresBackend, type PostgresBackendOptions } from './engines/pg-boss/postgres.ts';
import { parseStoreAddress, type StoreAddress } from './engines/store-address.ts';
import type { RedisConnection } from './engines/bullmq/redis-options.ts';

/** Where jobs are stored: one of `store`, `redis` and `backend`, and how to get there. */
export interface StoreOptions extends Partial<
  Pick<PostgresBackendOptions, 'schema' | 'poolSize' | 'migrate' | 'ssl'>
> {
  /**
   * A directory: PGlite in it, for one process at a time. Or, for any number of processes, the URL of a
   * database, which begins with `postgres://` or `postgresql://`, or of a Redis, with `redis://` or `rediss://`
   * (`valkey://`, `valkeys://`). Any other URL is refused, and so are addresses without a scheme, `~/jobs`, and what an unset
   * variable comes to, such as `undefined` or `$URL`; `./a:b` is a directory.
   * @defaultValue none: one of `store`, `redis` and `backend` has to be given
   */
  readonly store?: string | undefined;
  /** A Redis that no URL describes, in place of `store`: a cluster, sentinels, or options of `ioredis`. @defaultValue none */
  readonly redis?: RedisConnection | undefined;
  /** The beginning of all keys in Redis: two applications in one Redis have each its own. @defaultValue `'outlive'` */
  readonly prefix?: string | undefined;
  /** Another backend, in place of `store`. @defaultValue none */
  readonly backend?: JobBackend | undefined;
}

const allowedStore =
  'a directory, or a URL that begins with postgres://, postgresql://, redis://, rediss:// or valkey://';

/** The options that only one kind of store has. */
const kinds: Readonly<Record<string, StoreAddress['kind']>> = {
  schema: 'postgres',
  poolSize: 'postgres',
  migrate: 'postgres',
  ssl: 'postgres',
  prefix: 'redis',
};

const kindNames = {
  postgres: 'PostgreSQL (store: postgres://…)',
  redis: 'Redis (store: redis://…)',
  directory: 'a directory',
};

/** @throws TypeError or RangeError for a bad option, or one that the store does not have */
export function chooseBackend(options: StoreOptions): JobBackend {
  const { store, redis, backend, prefix, ...database } = options;
  if ([store, redis, backend].filter((place) => place !== undefined).length > 1) {
    throw new TypeError(
      redis === undefined
        ? 'Give `store` or `backend`, not both'
        : 'Give `redis` alone: without `store` and `backend`',
    );
  }
  if (backend !== undefined) {
    if (typeof (backend as Partial<JobBackend> | null)?.claim !== 'function') {
      throw new TypeError(expected('backend', 'a backend such as postgresBackend()', backend));
    }
    refuseOptions(options, undefined, 'give it to your `backend`');
    return backend;
  }
  if (redis !== undefined) {
    refuseOptions(options, 'redis', 'it is none of Redis');
    return bullmqBackend({ connection: redis, prefix });
  }
  const address = parseStoreAddress('store', store, allowedStore);
  refuseOptions(options, address.kind, `\`store\` is ${kindNames[address.kind]}`);
  switch (address.kind) {
    case 'directory':
      return pgliteBackend({ directory: address.directory });
    case 'postgres':
      return postgresBackend({ ...database, connectionString: address.url });
    case 'redis':
      return bullmqBackend({ connection: address.url, prefix });
    default:
      return address satisfies never;
  }
}

function refuseOptions(
  options: StoreOptions,
  kind: StoreAddress['kind'] | undefined,
  reason: string,
): void {
  for (const [name, needed] of Object.entries(kinds)) {
    if (options[name as keyof StoreOptions] === undefined || needed === kind) continue;
    throw new TypeError(`\`${name}\` is an option of ${kindNames[needed]}: ${reason}`);
  }
}
