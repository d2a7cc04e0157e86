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
    }, 30_000);

    beforeEach(async () => {
      stored.length = 0;
      directory = await mkdtemp(join(tmpdir(), 'outlive-disk-'));
      const [command, args] = onSmallDisk(directory, '160m', [
        process.execPath,
        program,
        directory,
      ]);
      server = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      ended = once(server, 'exit');
      const [line] = (await once(server.stdout ?? server, 'data')) as [Buffer];
      port = String(line).trim();
    }, 60_000);

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

    /** Stores jobs until that is refused; gives the reason. */
    async function storeUntilRefused(most = 2_000): Promise<string> {
      for (let count = 0; count < most; count += 1) {
        try {
          stored.push(await ask<string>(`/enqueue?n=${count}`));
        } catch (error) {
          return String(error);
        }
      }
      throw new Error('The disk does not become full');
    }

    /** Until PGlite hangs: its first refusals are answers. */
    async function storeUntilHung(): Promise<string[]> {
      const reasons: string[] = [];
      while (!reasons.some((reason) => reason.includes('its disk is full'))) {
        reasons.push(await storeUntilRefused());
        expect(reasons.length).toBeLessThan(500);
      }
      return reasons;
    }

    it('is ended and reported while the server serves; with room again it is opened anew, and has all that it acknowledged', async () => {
      await ask(`/fill?left=${left}`);
      const hung = { is: false };
      const hanging = storeUntilHung().finally(() => {
        hung.is = true;
      });
      let longest = 0;
      for (; !hung.is; await sleep(20)) {
        const before = performance.now();
        expect(await ask('/ping')).toBe('pong');
        longest = Math.max(longest, performance.now() - before);
      }
      const reasons = await hanging;
      expect(reasons.at(-1)).toMatch(
        /PGlite has not answered for \d+ ms, and was ended: its disk is full/,
      );
      expect(longest).toBeLessThan(2_000);
      expect(await ask('/longest-turn')).toBeLessThan(2_000);
      const reported = await ask<string[]>('/reported');
      expect(reported).toContainEqual(
        expect.stringMatching(
          /^The job store reports an error: JobStoreError: PGlite has not answered/,
        ),
      );
      // It is refused at once, as long as there is no room.
      const before = performance.now();
      await expect(ask('/enqueue?n=0')).rejects.toThrow('its disk is full');
      expect(performance.now() - before).toBeLessThan(1_000);
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
      await ask(`/fill?left=${left}`);
      const hanging = storeUntilHung().catch(() => undefined);
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
