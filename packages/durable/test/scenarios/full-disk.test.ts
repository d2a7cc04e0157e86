import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describePgBoss } from '../support/engines.ts';
import { describeSmallDisk, onSmallDisk } from '../support/on-small-disk.ts';
import { compileProgram } from '../support/worker-process.ts';

/** What is left when the disk is filled: the tables find room in it, a file of the write-ahead log, of 16 MB, does not. */
const left = 12 * 1_024 * 1_024;

describeSmallDisk('PGlite on a disk that is full', () => {
  describePgBoss('in a server', () => {
    let directory: string;
    let server: ChildProcess;
    let port: string;
    let ended: Promise<unknown[]>;
    const stored: string[] = [];
    let program: string;

    beforeAll(async () => {
      program = await compileProgram('disk-worker');
    }, 120_000);

    beforeEach(async () => {
      stored.length = 0;
      directory = await mkdtemp(join(tmpdir(), 'outlive-disk-'));
      const [command, args] = onSmallDisk(directory, '240m', [
        process.execPath,
        program,
        directory,
      ]);
      server = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      ended = once(server, 'exit');
      const [line] = (await once(server.stdout ?? server, 'data')) as [Buffer];
      port = String(line).trim();
    }, 120_000);

    afterEach(async () => {
      server.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    });

    async function ask<T>(path: string): Promise<T> {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      const answer = (await response.json()) as T;
      if (response.ok) return answer;
      throw new Error(String(answer));
    }

    /** Stores a job; gives the reason where that is refused. */
    async function store(n: number): Promise<string | undefined> {
      try {
        stored.push(await ask<string>(`/enqueue?n=${n}`));
        return undefined;
      } catch (error) {
        return String(error);
      }
    }

    /** Fills the disk until PGlite hangs; gives the reason why a call was refused then. */
    async function untilHung(): Promise<string> {
      for (let round = 0; round < 20; round += 1) {
        await ask(`/fill?left=${left}`);
        for (let refusals = 0; refusals < 30;) {
          const reason = await store(round);
          if (reason?.includes('and was ended') === true) return reason;
          if (reason !== undefined) refusals += 1;
        }
        // It refuses jobs, as it should: its tables had no room before its log had none. Once more, from another place in that.
        await ask('/free');
        for (let count = 0; count < 20; count += 1) await store(count);
      }
      throw new Error('PGlite does not hang on a full disk any more');
    }

    it('is ended and reported while the server serves; with room again it is opened anew, and has all that it acknowledged', async () => {
      const hung = { is: false };
      const hanging = untilHung().finally(() => {
        hung.is = true;
      });
      let longest = 0;
      for (; !hung.is; await sleep(20)) {
        const before = performance.now();
        expect(await ask('/ping')).toBe('pong');
        longest = Math.max(longest, performance.now() - before);
      }
      expect(await hanging).toMatch(
        /PGlite has not answered for \d+ ms, and was ended: its disk is full/,
      );
      expect(longest).toBeLessThan(5_000);
      expect(await ask('/longest-turn')).toBeLessThan(5_000);
      const reported = await ask<string[]>('/reported');
      expect(reported).toContainEqual(
        expect.stringMatching(
          /^The job store reports an error: JobStoreError: PGlite has not answered/,
        ),
      );
      // It is refused at once, as long as there is no room.
      const before = performance.now();
      await expect(ask('/enqueue?n=0')).rejects.toThrow('its disk is full');
      expect(performance.now() - before).toBeLessThan(4_000);
      await ask('/free');
      const acknowledged = stored.length;
      while (stored.length === acknowledged) {
        await sleep(100);
        await ask<string>('/enqueue?n=7').then(
          (id) => stored.push(id),
          () => undefined,
        );
      }
      const states = await Promise.all(stored.map(async (id) => ask<string>(`/state?id=${id}`)));
      expect(states).not.toContain('missing');
    }, 120_000);

    it('keeps no SIGTERM waiting', async () => {
      const hanging = untilHung().catch(() => undefined);
      // It hangs, and is not ended yet.
      while (!(await ask<boolean>('/waits'))) await sleep(50);
      const before = performance.now();
      server.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      expect(performance.now() - before).toBeLessThan(15_000);
      await hanging;
    }, 120_000);
  });
});
