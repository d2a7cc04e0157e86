import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkOptions } from '@outlive/core/internal';
import type { PGlite } from '@electric-sql/pglite' with { 'resolution-mode': 'import' };
import type { JobBackend, OpenBackendOptions } from '../../backend.ts';
import { JobStoreError } from '../../errors.ts';
import { reasonOf } from '../../store-failure.ts';
import { loadEngine } from '../load-engine.ts';
import { parseStoreAddress } from '../store-address.ts';
import { DirectoryLock } from './directory-lock.ts';
import { loadPgBoss } from './load.ts';
import { databaseDirectory, restore } from './pglite-directory.ts';
import { bossOptions } from './settings.ts';
import { type Connection, PgBossStore } from './store.ts';

const schema = 'outlive';

/** Options of {@link pgliteBackend}. */
export interface PgliteBackendOptions {
  /** The directory of the jobs, created if it is missing. Without one they are in memory only: for tests. */
  readonly directory?: string | undefined;
}

/**
 * Durable jobs in PGlite, a PostgreSQL inside this process, by pg-boss: no server to run, one process at a
 * time. The backend behind `store: '.jobs'`. Install `pg-boss` and `@electric-sql/pglite`; needs Node 22.12
 * or newer, takes some 400 MB of memory and, the first time, several seconds to open.
 *
 * The directory is locked: a second process is refused with {@link StoreLockedError}. Every stored job is
 * flushed to the disk.
 *
 * `native` is `{ boss, pglite }`: the pg-boss instance and the database, which may hold tables of yours too.
 *
 * @throws TypeError for a bad option
 * @example
 * ```ts
 * import { pgliteBackend } from '@outlive/durable';
 *
 * const backend = pgliteBackend({ directory: '.jobs' });
 * ```
 */
export function pgliteBackend(options?: PgliteBackendOptions): JobBackend {
  const { directory } = checkOptions('options', options, { directory: true });
  const folder = directory === undefined ? undefined : resolve(checkDirectory(directory));
  const description = folder === undefined ? 'PGlite in memory' : `PGlite in ${folder}`;
  return new PgBossStore(description, async (open) => connect(folder, open));
}

function checkDirectory(directory: unknown): string {
  const address = parseStoreAddress('directory', directory, 'a directory');
  if (address.kind === 'directory') return address.directory;
  throw new TypeError(`Expected \`directory\` to be a directory, got a ${address.kind}: URL`);
}

async function connect(folder: string | undefined, open: OpenBackendOptions): Promise<Connection> {
  const { PgBoss, fromPglite } = await loadPgBoss('PGlite');
  const { PGlite } = await loadEngine(
    '@electric-sql/pglite',
    '>=0.5.14 <0.6',
    async () => import('@electric-sql/pglite'),
    'PGlite',
  );
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const dataDir = folder === undefined ? undefined : await databaseDirectory(folder);
  const lock = folder === undefined ? undefined : await DirectoryLock.take(folder);
  let pglite: PGlite | undefined;
  const close = async (): Promise<void> => {
    try {
      await pglite?.close();
    } finally {
      await lock?.release();
    }
  };
  try {
    const database = await created(dataDir, async () =>
      PGlite.create({
        ...(dataDir !== undefined && { dataDir }),
        // All but `-F`, which turns fsync off: a power cut would lose jobs
        // (https://www.postgresql.org/docs/current/app-postgres.html).
        startParams: PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
      }),
    );
    pglite = database;
    const db = fromPglite(database);
    const boss = new PgBoss({ ...bossOptions(open, schema), db, backend: 'pglite' });
    boss.on('error', open.onError);
    await boss.start();
    return {
      boss,
      schema,
      native: { boss, pglite },
      transaction: async (work) => database.transaction(work),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** PGlite ends with a mere "Aborted()" where its files are damaged. */
async function created(
  dataDir: string | undefined,
  create: () => Promise<PGlite>,
): Promise<PGlite> {
  try {
    return await create();
  } catch (error) {
    const place = dataDir === undefined ? 'PGlite' : `The database in ${dataDir}`;
    const message = `${place} cannot be opened, its files may be damaged: ${restore} (${reasonOf(error)})`;
    throw new JobStoreError(message, { cause: error });
  }
}
