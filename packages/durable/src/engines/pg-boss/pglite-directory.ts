import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobStoreError } from '../../errors.ts';

/** The PostgreSQL that the supported versions of PGlite are. */
const version = '18';
/** The directory of the database, in that of the store. */
export const database = 'pglite';

/** The file that stands beside a database that is being made. */
const unfinished = 'pglite.unfinished';

/**
 * The directory of the database in the directory of a store. What is there already has to be one that this PGlite can
 * open: it would begin a database among the files of somebody else, or break one of another version.
 *
 * @throws {@link JobStoreError} (rejects) that says what to do
 */
export async function databaseDirectory(folder: string): Promise<string> {
  const place = join(folder, database);
  const found = await namesIn(folder);
  if (found.includes('PG_VERSION')) {
    throw refusal(folder, 'is the directory of a database itself: give one that is empty');
  }
  if (!found.includes(database)) {
    const others = found.filter((name) => !isHarmless(name));
    if (others.length === 0) return place;
    throw refusal(
      folder,
      `holds other files (${others.slice(0, 3).join(', ')}): give an empty one`,
    );
  }
  const inside = await namesIn(place);
  if (inside.length === 0 || found.includes(unfinished)) return place;
  const text = await readFile(join(place, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw refusal(place, `holds files that are no database: ${restore}`);
  }
  if (text.trim() === version) return place;
  throw refusal(
    place,
    `holds a database of PostgreSQL ${text.trim()}, and this PGlite is ${version}: dump it by a PGlite of that version, and restore it into an empty directory`,
  );
}

/**
 * To be called before the database is opened, with the directory locked. One that nobody has finished to make, since its
 * process was killed meanwhile, holds nothing that was acknowledged: it is made anew.
 */
export async function beginDatabase(folder: string): Promise<void> {
  const place = join(folder, database);
  if ((await namesIn(folder)).includes(unfinished))
    await rm(place, { recursive: true, force: true });
  if ((await namesIn(place)).length === 0) await writeFile(join(folder, unfinished), '');
}

/** To be called once it is open, before anything is acknowledged. */
export async function finishDatabase(folder: string): Promise<void> {
  if (!(await namesIn(folder)).includes(unfinished)) return;
  await rm(join(folder, unfinished));
  // After a power cut the file could be there again, and what was acknowledged meanwhile would be made anew.
  await flush(folder);
}

/** What systems say that open no directories, or do not flush them: there its entries need no flush. */
const cannotFlush = ['EISDIR', 'EPERM', 'EINVAL'];

async function flush(folder: string): Promise<void> {
  try {
    await using directory = await open(folder);
    await directory.sync();
  } catch (error) {
    if (!cannotFlush.includes(String((error as NodeJS.ErrnoException).code))) throw error;
  }
}

/** For a database that is of the right version, and cannot be opened all the same. */
export const restore = 'move it away, or restore a backup';

function refusal(place: string, what: string): JobStoreError {
  return new JobStoreError(`The directory ${place} cannot be a store of jobs: it ${what}`);
}

/** Hidden files, what a file system puts into its root, and our own. */
function isHarmless(name: string): boolean {
  return (
    name.startsWith('.') ||
    name === 'lost+found' ||
    name.startsWith('outlive.lock') ||
    name === unfinished
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
