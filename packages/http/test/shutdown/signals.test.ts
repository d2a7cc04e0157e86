import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchFrom } from '@outlive/test-support/client';
import { Child } from '../support/child.ts';
import { innerPid, unshare } from '../support/container.ts';
import { type Fixture, makeFixture } from '../support/fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture('shutdown-server');
});
afterAll(() => {
  fixture[Symbol.dispose]();
});

function command(setup: object = {}): string[] {
  return [process.execPath, fixture.path, JSON.stringify(setup)];
}

/** What the signals do must be decided long before any of these times is over. */
const forLong = 600_000;

/** Until another signal counts as one of its own. */
const untilLater = (): Promise<void> => sleep(600);

/** Two signals have come: the delay is over, and a job is being waited for. */
async function startHeld(): Promise<Child> {
  const child = await Child.start(command({ options: { delay: forLong, timeout: forLong } }));
  await fetchFrom(child, '/job');
  child.kill('SIGTERM');
  await child.hears('signal');
  await untilLater();
  child.kill('SIGTERM');
  await child.hears('signal', 2);
  await untilLater();
  return child;
}

describe('the first signal', () => {
  it('turns `ready` false in the same turn', async () => {
    await using child = await Child.start(command());
    child.kill('SIGTERM');
    expect(await child.hears('signal')).toMatchObject({ ready: false });
  });

  it('may be another than SIGTERM and SIGINT, which then end the process as ever', async () => {
    const setup = { options: { signals: ['SIGUSR2'] } };
    await using child = await Child.start(command(setup));
    child.kill('SIGUSR2');
    expect(await child.exit).toEqual({ code: 0, signal: null });
    await using other = await Child.start(command(setup));
    other.kill('SIGTERM');
    expect(await other.exit).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('ends a process that does not listen yet', async () => {
    await using child = new Child(command({ early: true }));
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.all('onShutdown')).toHaveLength(1);
  });
});

describe('a second signal within 500 ms', () => {
  it('is ignored', async () => {
    await using child = await Child.start(command({ echoes: true }));
    await fetchFrom(child, '/job');
    child.kill('SIGTERM');
    await child.hears('signal', 2);
    child.release();
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.all('job done')).toHaveLength(1);
  });

  it('is ignored also if it is another one', async () => {
    await using child = await Child.start(command());
    await fetchFrom(child, '/job');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    await child.hears('signal', 2);
    child.release();
    expect(await child.exit).toEqual({ code: 0, signal: null });
  });
});

describe('a later second signal', () => {
  it('ends the delay', async () => {
    await using child = await Child.start(command({ options: { delay: forLong } }));
    child.kill('SIGTERM');
    await child.hears('signal');
    await untilLater();
    expect(await fetchFrom(child, '/hello')).toMatchObject({ status: 200 });
    child.kill('SIGTERM');
    expect(await child.exit).toEqual({ code: 0, signal: null });
  });

  it('ends the delay, not also the grace', async () => {
    await using child = await Child.start(command({ options: { delay: forLong } }));
    await fetchFrom(child, '/job');
    child.kill('SIGTERM');
    await child.hears('signal');
    await untilLater();
    child.kill('SIGTERM');
    await child.hears('signal', 2);
    child.release();
    await child.hears('job done');
    expect(await child.exit).toEqual({ code: 0, signal: null });
  });

  it('cuts the grace short: what is left is cancelled', async () => {
    await using child = await Child.start(command({ options: { timeout: forLong } }));
    await fetchFrom(child, '/cancellable');
    const answer = fetchFrom(child, '/never').catch(() => 'cut off');
    await child.hears('holding');
    child.kill('SIGTERM');
    await child.hears('signal');
    await untilLater();
    expect(child.all('job cancelled')).toHaveLength(0);
    child.kill('SIGTERM');
    expect(await answer).toBe('cut off');
    expect(await child.exit).toEqual({ code: 1, signal: null });
    expect(child.all('job cancelled')).toHaveLength(1);
    expect(child.all('onShutdown')).toHaveLength(1);
  });
});

describe('a later second signal that comes twice', () => {
  it.each([
    ['npm sends it again', { echoes: true }, ['SIGINT']],
    ['as another one', {}, ['SIGINT', 'SIGTERM']],
  ] as const)('counts once: %s', async (_name, setup, signals) => {
    const options = { delay: forLong, timeout: forLong };
    await using child = await Child.start(command({ ...setup, options }));
    await fetchFrom(child, '/job');
    for (const signal of signals) child.kill(signal);
    await child.hears('signal', 2);
    await untilLater();
    for (const signal of signals) child.kill(signal);
    await child.hears('signal', 4);
    // The delay is over, and the job has its grace.
    child.release();
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.all('job done')).toHaveLength(1);
  });
});

describe('a signal while onShutdown hangs', () => {
  it('ends the shutdown with code 1, and the next one the process', async () => {
    await using child = await Child.start(command({ hangs: true, logs: true }));
    child.kill('SIGTERM');
    await child.hears('onShutdown');
    await untilLater();
    child.kill('SIGTERM');
    const { message } = await child.hears('log', 3);
    expect(message).toMatch(/^onShutdown had not finished after \d+ ms$/);
    await child.hears('log', 4);
    await untilLater();
    child.kill('SIGTERM');
    expect(await child.exit).toEqual({ code: 143, signal: null });
  });
});

describe('a third signal', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s exits at once with %i', async (signal, code) => {
    await using child = await startHeld();
    child.kill(signal);
    expect(await child.exit).toEqual({ code, signal: null });
    expect(child.all('onShutdown')).toHaveLength(0);
  });
});

describe('below npm run', () => {
  it('one Ctrl-C is one shutdown that loses nothing', async () => {
    const start = command({ echoes: true })
      .map((word) => `'${word}'`)
      .join(' ');
    writeFileSync(join(fixture.folder, 'package.json'), JSON.stringify({ scripts: { start } }));
    await using child = await Child.start(['npm', 'run', 'start'], { cwd: fixture.folder });
    await fetchFrom(child, '/job');
    child.killGroup('SIGINT');
    await child.hears('signal', 2);
    child.release();
    expect(await child.hears('exit')).toMatchObject({ code: 0, report: { completed: 1 } });
    expect(child.all('job done')).toHaveLength(1);
  });
});

// Where the system lets a process have its own process ids, as in a container.
if (spawnSync('unshare', [...unshare.slice(1), 'true']).status === 0) {
  describe('process 1 of a container', () => {
    it('ends by itself on the first signal', async () => {
      await using child = await Child.start([...unshare, ...command()]);
      process.kill(innerPid(child), 'SIGTERM');
      await child.hears('signal');
      expect(await child.exit).toEqual({ code: 0, signal: null });
    });

    it('exits on the third, though the system spares it every default action', async () => {
      const setup = { options: { delay: forLong, timeout: forLong } };
      await using child = await Child.start([...unshare, ...command(setup)]);
      await fetchFrom(child, '/job');
      process.kill(innerPid(child), 'SIGTERM');
      await child.hears('signal');
      await untilLater();
      process.kill(innerPid(child), 'SIGTERM');
      await child.hears('signal', 2);
      await untilLater();
      process.kill(innerPid(child), 'SIGTERM');
      expect(await child.exit).toEqual({ code: 143, signal: null });
    });
  });
}
