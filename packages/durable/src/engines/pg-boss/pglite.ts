import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { checkOptions } from '@outlive/core/internal';
import type { JobBackend, OpenBackendOptions } from '../../backend.ts';
import { JobStoreError } from '../../errors.ts';
import { reasonOf } from '../../store-failure.ts';
import { loadEngine } from '../load-engine.ts';
import { parseStoreAddress } from '../store-address.ts';
import { DirectoryLock } from './directory-lock.ts';
import { loadPgBoss } from './load.ts';
import { type DatabaseOptions, PgliteDatabase } from './pglite-database.ts';
import { beginDatabase, databaseDirectory, finishDatabase, restore } from './pglite-directory.ts';
import { keepClean } from './pglite-vacuum.ts';
import { bossOptions } from './settings.ts';
import type { Connection } from './connection.ts';
import { PgBossStore } from './store.ts';
import type { Db } from './types.ts';

const schema = 'outlive';
const engine = '@electric-sql/pglite';

/** Options of {@link pgliteBackend}. */
export interface PgliteBackendOptions {
  /** The directory of the jobs, created if it is missing. @defaultValue none: they are in memory only, for tests */
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
 * PGlite runs in a thread of its own, so that its statements keep no request waiting. One that does not answer for 30 s, as
 * on a full disk, is ended and opened anew: what it had acknowledged is there, and what waited for it has been rejected.
 *
 * `native` is `{ boss, pglite }`: the pg-boss instance, and `query()` (with `rowMode` and `parsers`), `exec()`,
 * `transaction()` and `listen()` of the database, which may hold tables of yours too.
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
  // Here it is only looked at: it runs in a thread.
  await loadEngine(engine, '>=0.5.14 <0.6', async () => import('@electric-sql/pglite'), 'PGlite');
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const dataDir = folder === undefined ? undefined : await databaseDirectory(folder);
  const lock = folder === undefined ? undefined : await DirectoryLock.take(folder);
  let pglite: PgliteDatabase | undefined;
  let endCleaning: (() => void) | undefined;
  const close = async (): Promise<void> => {
    endCleaning?.();
    try {
      await pglite?.close();
    } finally {
      await lock?.release();
    }
  };
  try {
    if (folder !== undefined) await beginDatabase(folder);
    const database = await opened({
      module: resolveModule(engine),
      dataDir,
      onError: open.onError,
    });
    pglite = database;
    if (folder !== undefined) await finishDatabase(folder);
    const db: Db = {
      ...fromPglite(database),
      async listen(channel, onNotification, onReconnect) {
        database.onGap(onReconnect);
        const unlisten = await database.listen(channel, onNotification);
        onReconnect();
        return { close: unlisten };
      },
    };
    const boss = new PgBoss({ ...bossOptions(open, schema), db, backend: 'pglite' });
    boss.on('error', open.onError);
    await boss.start();
    if (open.work) endCleaning = keepClean(db, schema, open.onError);
    return {
      boss,
      schema,
      migrates: true,
      native: { boss, pglite },
      transaction: async (work) => database.transaction(work),
      ownTransaction: async (work) => database.transaction(work),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** For the thread, which finds modules from the working directory on. */
function resolveModule(name: string): string {
  try {
    return require.resolve(name);
  } catch {
    // A bundle that is an ES module has no such `require`.
    return createRequire(join(process.cwd(), 'index.js')).resolve(name);
  }
}

/** PGlite ends with a mere "Aborted()" where its files are damaged. */
async function opened(options: DatabaseOptions): Promise<PgliteDatabase> {
  try {
    return await PgliteDatabase.open(options);
  } catch (error) {
    const { dataDir } = options;
    const place = dataDir === undefined ? 'PGlite' : `The database in ${dataDir}`;
    const message = `${place} cannot be opened, its files may be damaged: ${restore} (${reasonOf(error)})`;
    throw new JobStoreError(message, { cause: error });
  }
}
