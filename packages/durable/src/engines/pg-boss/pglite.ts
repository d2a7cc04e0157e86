import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkOptions, checkString } from '@outlive/core/internal';
import type { JobBackend, OpenBackendOptions, Transaction } from '../../backend.ts';
import { DirectoryLock } from './directory-lock.ts';
import { checkNode, loadEngine } from '../load-engine.ts';
import { loadPgBoss } from './types.ts';
import { type Connection, PgBossBackend } from './store.ts';
import { bossOptions } from './settings.ts';

/** Options of {@link pgliteBackend}. */
export interface PgliteBackendOptions {
  /** Where the jobs are kept, made if it is not there. Without it they are in memory only: for tests. */
  readonly directory?: string | undefined;
}

/**
 * Durable jobs in PGlite, a PostgreSQL inside this process, by pg-boss: nothing to run besides, one process
 * at a time. What `store: '.jobs'` makes. Install `pg-boss` and `@electric-sql/pglite`; needs Node 22.12 or
 * newer, and takes some 400 MB of memory and, the first time, several seconds to open.
 *
 * The directory is locked: a second process is refused with {@link StoreLockedError}. Every job stored
 * is flushed to the disk.
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
  const { directory } = checkOptions('options', options);
  if (directory !== undefined) checkString('directory', directory);

  return new PgBossBackend(async (open: OpenBackendOptions): Promise<Connection> => {
    checkNode('PGlite as a job store (pg-boss)');
    const { PgBoss, fromPglite } = await loadPgBoss();
    const { PGlite } = await loadEngine<PgliteModule>(
      '@electric-sql/pglite',
      '>=0.5.14 <0.6',
      async () => import('@electric-sql/pglite'),
      'PGlite',
    );
    const folder = directory === undefined ? undefined : resolve(directory);
    if (folder !== undefined) await mkdir(folder, { recursive: true });
    const lock = folder === undefined ? undefined : await DirectoryLock.take(folder);
    let pglite: Pglite | undefined;
    const closeAll = async (): Promise<void> => {
      try {
        await pglite?.close();
      } finally {
        await lock?.release();
      }
    };
    try {
      pglite = await PGlite.create({
        ...(folder !== undefined && { dataDir: join(folder, 'pglite') }),
        // All but `-F`, which leaves what was stored to the mercy of a power cut.
        startParams: PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
      });
      const schema = 'outlive';
      const db = fromPglite(pglite);
      const boss = new PgBoss({ ...bossOptions(open, schema), db, backend: 'pglite' });
      boss.on('error', open.onError);
      await boss.start();
      const opened = pglite;
      return {
        boss,
        schema,
        native: { boss, pglite },
        transaction: async (work) => opened.transaction(work),
        close: closeAll,
      };
    } catch (error) {
      await closeAll();
      throw error;
    }
  });
}

interface Pglite {
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface PgliteModule {
  PGlite: { create(options: object): Promise<Pglite>; defaultStartParams: string[] };
}
