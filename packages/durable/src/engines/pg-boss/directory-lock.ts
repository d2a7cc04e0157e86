import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreLockedError } from '../../errors.ts';
import { isLive, type LockOwner, thisProcess } from './lock-owner.ts';

const fileName = 'outlive.lock';
/** Time in ms between two signs of life, for processes on other hosts. */
const beatInterval = 5_000;
/** Time in ms that writing a file takes at most: a process that takes longer has died over it. */
const writeTimeout = 10_000;

/** Reserves a directory for one process. The lock of a dead owner is taken over. */
export class DirectoryLock {
  readonly #file: string;
  readonly #beat: NodeJS.Timeout;

  private constructor(file: string) {
    this.#file = file;
    this.#beat = setInterval(() => {
      const now = new Date();
      void utimes(file, now, now).catch(() => undefined);
    }, beatInterval).unref();
  }

  /** @throws {@link StoreLockedError} (rejects) with the owner's pid and what to do */
  static async take(directory: string): Promise<DirectoryLock> {
    const file = join(directory, fileName);
    const me = JSON.stringify(await thisProcess());
    while (!(await create(file, me))) {
      await refuseIfOwned(directory, file);
      await removeStale(directory, file);
    }
    return new DirectoryLock(file);
  }

  async release(): Promise<void> {
    clearInterval(this.#beat);
    await rm(this.#file, { force: true });
  }
}

async function refuseIfOwned(directory: string, file: string): Promise<void> {
  const owner = await liveOwner(file);
  if (owner === undefined) return;
  const where = owner.host === hostname() ? '' : ` on ${owner.host}`;
  throw new StoreLockedError(
    `Process ${owner.pid}${where} is using ${directory}: stop it, or let several processes share a ` +
      `PostgreSQL (store: 'postgres://…')`,
    owner.pid,
  );
}

/** Of the processes that found the lock stale, one removes it: a second removal could hit a fresh lock. */
async function removeStale(directory: string, file: string): Promise<void> {
  const takeover = join(directory, `${fileName}.takeover`);
  if (!(await create(takeover, ''))) {
    const since = await stat(takeover).catch(() => undefined);
    if (since !== undefined && Date.now() - since.mtimeMs > writeTimeout) {
      await rm(takeover, { force: true });
    }
    await sleep(20);
    return;
  }
  try {
    if ((await liveOwner(file)) === undefined) await rm(file, { force: true });
  } finally {
    await rm(takeover, { force: true });
  }
}

/** Creates a file; `false` if it exists already. */
async function create(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The owner of the lock; `undefined` if the lock is gone, or its owner is dead. */
async function liveOwner(file: string): Promise<LockOwner | undefined> {
  for (;;) {
    const beat = await stat(file).catch(() => undefined);
    if (beat === undefined) return undefined;
    const silence = Date.now() - beat.mtimeMs;
    const owner = await readOwner(file);
    if (owner !== undefined) return (await isLive(owner, silence)) ? owner : undefined;
    // The file is being written, or its process died before it was.
    if (silence > writeTimeout) return undefined;
    await sleep(20);
  }
}

async function readOwner(file: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockOwner;
  } catch {
    return undefined;
  }
}
