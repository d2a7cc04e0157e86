import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchFrom } from '@outlive/test-support/client';
import { Child, type ChildOptions } from '../support/child.ts';
import { innerPid, unshare } from '../support/container.ts';

// The packages are run as they are written: in TypeScript, compiled as they are loaded.
const tsx = [
  process.execPath,
  require.resolve('tsx/cli'),
  '--conditions=@outlive/source',
  join(__dirname, '../fixtures/shutdown-server.mjs'),
];

function command(setup: object = {}): string[] {
  return [...tsx, JSON.stringify(setup)];
}

/** What the signals do must be decided long before this time is over. */
const forLong = 600_000;

/** Until another signal counts as one of its own. */
const untilLater = (): Promise<void> => sleep(600);

/**
 * tsx ends a server by SIGKILL that has not answered it 60 ms after a signal (https://github.com/privatenumber/tsx/blob/master/src/cli.ts):
 * a machine may be too busy for that. Then nothing is known, and it is tried again.
 */
async function unlessKilled(
  started: readonly string[],
  options: ChildOptions,
  body: (child: Child) => Promise<void>,
): Promise<void> {
  for (;;) {
    await using child = await Child.start(started, options);
    try {
      await body(child);
      return;
    } catch (error) {
      // A server that ends in any other way tells so.
      const hasEnded = String(error).includes('It ended without telling');
      if (!hasEnded || child.all('exit').length > 0) throw error;
      const { code } = await child.exit;
      if (![130, 143].includes(code ?? 0)) throw error;
    }
  }
}

/** One that tsx runs. */
async function withServer(setup: object, body: (child: Child) => Promise<void>): Promise<void> {
  await unlessKilled(command(setup), {}, body);
}

/** Whatever passes a Ctrl-C on as well. */
async function endsByCtrlC(child: Child): Promise<void> {
  await fetchFrom(child, '/job');
  child.killGroup('SIGINT');
  await child.hears('signal');
  // As long as it might take for that.
  await sleep(200);
  child.release();
  expect(await child.hears('exit')).toMatchObject({ code: 0, report: { completed: 1 } });
}

describe('a server that tsx runs', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'finishes its job on a %s to tsx, and both end with code 0',
    async (signal) => {
      await withServer({}, async (child) => {
        await fetchFrom(child, '/job');
        child.kill(signal);
        await child.hears('signal');
        child.release();
        expect(await child.hears('exit')).toMatchObject({ code: 0, report: { completed: 1 } });
        expect(await child.exit).toEqual({ code: 0, signal: null });
      });
    },
  );

  it('takes one Ctrl-C for one shutdown, whether tsx passes it on as well or not', async () => {
    await withServer({ options: { timeout: forLong } }, async (child) => {
      await endsByCtrlC(child);
      expect(await child.exit).toEqual({ code: 0, signal: null });
    });
  });

  it('takes a later Ctrl-C for the second, which cuts the grace short, and keeps its code', async () => {
    await withServer({ options: { timeout: forLong } }, async (child) => {
      await fetchFrom(child, '/cancellable');
      child.killGroup('SIGINT');
      await child.hears('signal');
      await untilLater();
      child.killGroup('SIGINT');
      expect(await child.hears('exit')).toMatchObject({ code: 1, report: { cancelled: 1 } });
      await child.exit;
    });
  });

  it('shuts down as well where tsx is only imported', async () => {
    const [node = '', , conditions = '', fixture = ''] = tsx;
    const loaded = [node, '--import', require.resolve('tsx'), conditions, fixture, '{}'];
    await using child = await Child.start(loaded);
    await fetchFrom(child, '/job');
    child.kill('SIGTERM');
    await child.hears('signal');
    child.release();
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.all('job done')).toHaveLength(1);
  });
});

describe('a server that npm start runs with tsx', () => {
  it('loses nothing by a Ctrl-C', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outlive-tsx-'));
    const start = command({ options: { timeout: forLong } })
      .map((word) => `'${word}'`)
      .join(' ');
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { start } }));
    try {
      await unlessKilled(['npm', 'start'], { cwd: folder }, async (child) => {
        await endsByCtrlC(child);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

// Where the system lets a process have its own process ids, as in a container.
if (spawnSync('unshare', [...unshare.slice(1), 'true']).status === 0) {
  describe('tsx as process 1 of a container', () => {
    it('passes SIGTERM on, and ends when the server has', async () => {
      await unlessKilled([...unshare, ...command()], {}, async (child) => {
        await fetchFrom(child, '/job');
        process.kill(innerPid(child), 'SIGTERM');
        await child.hears('signal');
        child.release();
        expect(await child.hears('exit')).toMatchObject({ code: 0, report: { completed: 1 } });
        expect(await child.exit).toEqual({ code: 0, signal: null });
      });
    });
  });
}
