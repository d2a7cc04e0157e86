import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryLock } from '../../../src/engines/pg-boss/directory-lock.ts';

function owner(fields: object): string {
  return JSON.stringify({ pid: process.pid, host: hostname(), birth: 'another', ...fields });
}

describe('the lock of a directory', () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'outlive-lock-'));
    file = join(directory, 'outlive.lock');
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('is held by one process, which the error of a second names with what to do, until it is released', async () => {
    const lock = await DirectoryLock.take(directory);
    await expect(DirectoryLock.take(directory)).rejects.toMatchObject({
      code: 'ERR_STORE_LOCKED',
      pid: process.pid,
      message: expect.stringContaining('stop it, or let several processes share a PostgreSQL'),
    });
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
    await (await DirectoryLock.take(directory)).release();
  });

  it.each([
    ['a process that is gone', { pid: 2 ** 22 + 1 }],
    ['an earlier process with this very pid, as in a container', {}],
  ])('is taken over from %s, by one of many', async (_, fields) => {
    await writeFile(file, owner(fields));
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, async () => DirectoryLock.take(directory)),
    );
    const taken = tries.filter((each) => each.status === 'fulfilled');
    expect(taken).toHaveLength(1);
    await taken[0]?.value.release();
  });

  it('of another host counts while it gives signs of life', async () => {
    await writeFile(file, owner({ host: 'elsewhere', pid: 1 }));
    await expect(DirectoryLock.take(directory)).rejects.toThrow(/Process 1 on elsewhere is using/);
    const long = new Date(Date.now() - 60_000);
    await utimes(file, long, long);
    const lock = await DirectoryLock.take(directory);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  it('is taken over from a process that is dead, though its parent has not asked for its end', async () => {
    // `exec` makes a process that knows nothing of the child that the shell had; that one ends after it.
    const script = '(until grep -q sleep /proc/$$/comm; do :; done) & echo $!; exec sleep 60';
    const parent = spawn('sh', ['-c', script], { stdio: 'pipe' });
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(String(chunk));
    const statOf = async (): Promise<string> => readFile(`/proc/${pid}/stat`, 'utf8');
    while (!/\) Z /.test(await statOf())) await new Promise(setImmediate);
    const birth = (await statOf()).split(') ')[1]?.split(' ')[19];
    await writeFile(file, owner({ pid, birth }));
    await (await DirectoryLock.take(directory)).release();
    parent.kill();
  });

  it('that was never written is taken over, since its process died over it', async () => {
    await writeFile(file, '');
    const long = new Date(Date.now() - 60_000);
    await utimes(file, long, long);
    await (await DirectoryLock.take(directory)).release();
  });

  it('that is being written is waited for', async () => {
    await writeFile(file, '');
    const taking = DirectoryLock.take(directory);
    await writeFile(file, owner({ host: 'elsewhere', pid: 1 }));
    await expect(taking).rejects.toThrow(/Process 1 on elsewhere is using/);
  });
});
