import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JobBackend } from '../backend.ts';
import { bullmqBackend } from '../engines/bullmq/factory.ts';
import { database } from '../engines/pg-boss/pglite-directory.ts';
import { pgliteBackend } from '../engines/pg-boss/pglite.ts';
import { postgresBackend } from '../engines/pg-boss/postgres.ts';
import { parseStoreAddress } from '../engines/store-address.ts';
import { type Call, UsageError } from './arguments.ts';

/** A store that is there already: this creates none. */
export function openStore({ store, schema, prefix }: Call['options']): JobBackend {
  if (store === undefined) {
    throw new UsageError('Give the store: --store, or OUTLIVE_STORE in the environment');
  }
  const address = parseStoreAddress('--store', store, 'a directory, or the URL of a database');
  const other = { directory: ['schema', 'prefix'], postgres: ['prefix'], redis: ['schema'] }[
    address.kind
  ];
  const given = Object.entries({ schema, prefix }).find(([name, value]) => {
    return value !== undefined && other.includes(name);
  });
  if (given !== undefined) throw new UsageError(`A store of this kind has no --${given[0]}`);
  switch (address.kind) {
    case 'directory':
      if (!existsSync(join(address.directory, database))) {
        throw new UsageError(`There is no store of jobs in the directory ${address.directory}`);
      }
      return pgliteBackend({ directory: address.directory });
    case 'postgres':
      return postgresBackend({
        connectionString: address.url,
        schema: textOf(schema),
        migrate: false,
        poolSize: 2,
      });
    case 'redis':
      return bullmqBackend({ connection: address.url, prefix: textOf(prefix) });
    default:
      return address satisfies never;
  }
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
