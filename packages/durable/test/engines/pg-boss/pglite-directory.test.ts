import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  beginDatabase,
  databaseDirectory,
  finishDatabase,
} from '../../../src/engines/pg-boss/pglite-directory.ts';

describe('the directory of an embedded store', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'outlive-directory-'));
  });

  afterEach(async () => rm(folder, { recursive: true }));

  const put = async (path: string, text = 'x'): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  };

  it('may be missing, or empty but for what does no harm', async () => {
    expect(await databaseDirectory(join(folder, 'new'))).toBe(join(folder, 'new/pglite'));
    for (const name of ['.gitkeep', 'outlive.lock', 'outlive.lock.takeover']) await put(name);
    await mkdir(join(folder, 'lost+found'));
    expect(await databaseDirectory(folder)).toBe(join(folder, 'pglite'));
  });

  it('may hold a database of this version, whatever is beside it', async () => {
    await put('pglite/PG_VERSION', '18\n');
    await put('notes.txt');
    expect(await databaseDirectory(folder)).toBe(join(folder, 'pglite'));
  });

  it('may hold a database that was never finished, which is made anew, and one that was is not', async () => {
    await beginDatabase(folder);
    // The process is killed while PGlite writes its files.
    await put('pglite/base/1', 'half');
    expect(await databaseDirectory(folder)).toBe(join(folder, 'pglite'));
    await beginDatabase(folder);
    expect(await readdir(folder)).toEqual(['pglite.unfinished']);
    await put('pglite/PG_VERSION', '18');
    await finishDatabase(folder);
    await beginDatabase(folder);
    expect(await readdir(folder, { recursive: true })).toEqual(['pglite', 'pglite/PG_VERSION']);
  });

  it.each([
    ['other files', 'package.json', '{}', /holds other files \(package.json\): give an empty one/],
    ['a database', 'PG_VERSION', '18', /is the directory of a database itself/],
    [
      'foreign files',
      'pglite/a.txt',
      'a',
      /pglite cannot be a store of jobs: it holds files that are no database: move it away/,
    ],
    [
      'another version',
      'pglite/PG_VERSION',
      '17\n',
      /holds a database of PostgreSQL 17, and this PGlite is 18: dump it/,
    ],
  ])('is refused with %s in it, which stays as it was', async (_, path, text, message) => {
    await put(path, text);
    const before = await readdir(folder, { recursive: true });
    await expect(databaseDirectory(folder)).rejects.toMatchObject({
      code: 'ERR_JOB_STORE',
      message: expect.stringMatching(message),
    });
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });
});
