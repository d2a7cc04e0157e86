import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StoreLockedError } from '../../errors.ts';
import { pause } from '../../util/waiting.ts';

const fileName = 'outlive.lock';
/** How often the owner shows that it lives: to those on other hosts, who cannot see its process. */
const beatInterval = 5_000;
const staleAfter = 30_000;
/** Taking over a dead owner's lock takes no time: whoever takes longer has died over it. */
const takeoverTimeout = 10_000;

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with the same pid: in a container every process has the same. */
  readonly birth: string;
}

/** Keeps a directory for one process. A dead owner's lock is taken over. */
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

  /** @throws {@link StoreLockedError} with the owner's pid and what to do */
  static async take(directory: string): Promise<DirectoryLock> {
    const file = join(directory, fileName);
    const me: Owner = { pid: process.pid, host: hostname(), birth: await birthOf(process.pid) };
    while (!(await create(file, JSON.stringify(me)))) {
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

/** Only one of those that found it stale removes it: another's might be a fresh one by then. */
async function removeStale(directory: string, file: string): Promise<void> {
  const takeover = join(directory, `${fileName}.takeover`);
  if (!(await create(takeover, ''))) {
    const since = await stat(takeover).catch(() => undefined);
    if (since !== undefined && Date.now() - since.mtimeMs > takeoverTimeout) await rm(takeover);
    await pause(20);
    return;
  }
  try {
    if ((await liveOwner(file)) === undefined) await rm(file, { force: true });
  } finally {
    await rm(takeover, { force: true });
  }
}

/** Makes a file that did not exist. */
async function create(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function liveOwner(file: string): Promise<Owner | undefined> {
  let owner: Owner;
  let seenAt: number;
  try {
    seenAt = (await stat(file)).mtimeMs;
    owner = JSON.parse(await readFile(file, 'utf8')) as Owner;
  } catch (error) {
    // Gone meanwhile, or just being written.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    seenAt = Date.now();
    await pause(100);
    owner = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
  }
  if (owner === undefined) return undefined;
  if (owner.host !== hostname()) return Date.now() - seenAt < staleAfter ? owner : undefined;
  return isAlive(owner.pid) && (await birthOf(owner.pid)) === owner.birth ? owner : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When the process began, in ticks since the boot; where Linux does not tell, its pid has to do. */
async function birthOf(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name, which may hold anything, then 19 fields to the start time.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
