import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gracefulShutdown } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { Child } from '../support/child.ts';
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

const forLong = 600_000;

const counts = (): number[] =>
  ['SIGTERM', 'SIGINT', 'message'].map((event) => process.listenerCount(event));

describe('any number of handles', () => {
  it('add one listener per signal to the process, and leave none', () => {
    const before = counts();
    const handles = Array.from({ length: 12 }, () =>
      gracefulShutdown(createServer(), { message: 'shutdown' }),
    );
    expect(counts()).toEqual(before.map((count) => count + 1));
    for (const handle of handles.slice(1)) handle.dispose();
    expect(counts()).toEqual(before.map((count) => count + 1));
    handles[0]?.dispose();
    handles[0]?.dispose();
    expect(counts()).toEqual(before);
  });

  it('of several copies of the package too', () => {
    const before = counts();
    const handles = [1, 2].map(() => {
      let handle: { dispose(): void } | undefined;
      jest.isolateModules(() => {
        const copy = require('@outlive/http') as typeof import('@outlive/http');
        handle = copy.gracefulShutdown(createServer(), { message: 'shutdown' });
      });
      return handle;
    });
    expect(counts()).toEqual(before.map((count) => count + 1));
    for (const handle of handles) handle?.dispose();
    expect(counts()).toEqual(before);
  });

  it('all hear the signal, and nothing warns of a leak', async () => {
    await using child = await Child.start(command({ handles: 20 }));
    const { SIGTERM } = await child.hears('handles');
    expect(SIGTERM).toBe(1);
    child.kill('SIGTERM');
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(await child.hears('exit')).toMatchObject({ others: 20 });
    expect(child.all('warning')).toEqual([]);
  });
});

describe('a signal that a framework sends on when it is done with it', () => {
  it.each(['once', 'off'] as const)(
    'is no second signal that cuts the grace short: listener taken %s',
    async (sendsOn) => {
      await using child = await Child.start(command({ sendsOn, options: { timeout: forLong } }));
      await fetchFrom(child, '/job');
      child.kill('SIGTERM');
      await child.hears('sent on');
      await child.hears('signal', 2);
      child.release();
      expect(await child.exit).toEqual({ code: 0, signal: null });
      expect(child.all('job done')).toHaveLength(1);
    },
  );

  it('does not keep one from outside from being the second', async () => {
    const setup = { sendsOn: 'off', options: { timeout: forLong } };
    await using child = await Child.start(command(setup));
    await fetchFrom(child, '/cancellable');
    child.kill('SIGTERM');
    await child.hears('sent on');
    await child.hears('signal', 2);
    expect(child.all('job cancelled')).toHaveLength(0);
    child.kill('SIGTERM');
    expect(await child.exit).toEqual({ code: 1, signal: null });
  });

  it('leaves process.kill() as it was', () => {
    const { kill } = process;
    const handle = gracefulShutdown(createServer());
    expect(process.kill).not.toBe(kill);
    handle.dispose();
    expect(process.kill).toBe(kill);
  });
});

describe('the message of `message`', () => {
  it('begins the shutdown, as PM2 sends it', async () => {
    const options = { message: 'shutdown', signals: [] };
    await using child = await Child.start(command({ options, logs: true }), { ipc: true });
    await fetchFrom(child, '/job');
    child.send('something else');
    child.send('shutdown');
    expect(await child.hears('log')).toMatchObject({
      message: 'message "shutdown": shutting down',
    });
    child.release();
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.all('job done')).toHaveLength(1);
    expect(child.all('onShutdown')).toHaveLength(1);
  });

  it('counts as the first signal: another one of them changes nothing, a later signal hurries', async () => {
    const options = { message: 'shutdown', timeout: forLong };
    await using child = await Child.start(command({ options, logs: true }), { ipc: true });
    await fetchFrom(child, '/cancellable');
    child.send('shutdown');
    child.send('shutdown');
    await child.hears('log');
    await sleep(600);
    child.send('shutdown');
    expect(child.all('job cancelled')).toHaveLength(0);
    child.kill('SIGTERM');
    expect(await child.exit).toEqual({ code: 1, signal: null });
  });

  it('begins nothing where it was not asked for', async () => {
    await using child = await Child.start(command(), { ipc: true });
    child.send('shutdown');
    expect(await fetchFrom(child, '/hello')).toMatchObject({ status: 200 });
    await sleep(50);
    expect(await fetchFrom(child, '/ready')).toMatchObject({ status: 200 });
  });
});
