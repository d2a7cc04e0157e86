import { Client, fetchFrom } from '@outlive/test-support/client';
import { closed } from '@outlive/test-support/conditions';
import { failureOf } from '@outlive/test-support/failure';
import { KeepAlive } from '@outlive/test-support/keep-alive';
import { Child } from '../support/child.ts';
import { type Fixture, makeFixture } from '../support/fixture.ts';

// Of a real process, ended by real signals: how it ends is the subject.

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture('shutdown-server');
});
afterAll(() => {
  fixture[Symbol.dispose]();
});

function start(setup: object = {}): Promise<Child> {
  return Child.start([process.execPath, fixture.path, JSON.stringify(setup)]);
}

describe('a process that is told to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('ends by itself with code 0 on %s', async (signal) => {
    await using child = await start();
    child.kill(signal);
    expect(await child.exit).toEqual({ code: 0, signal: null });
  });

  it('answers what it was asked before, and finishes the jobs', async () => {
    await using child = await start();
    await fetchFrom(child, '/job');
    const answer = fetchFrom(child, '/held');
    await child.hears('holding');
    child.kill('SIGTERM');
    await child.hears('signal');
    child.release();
    expect(await answer).toMatchObject({ status: 200, body: 'held' });
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.told.map(({ event }) => event)).toEqual([
      'listening',
      'holding',
      'signal',
      'job done',
      'onShutdown',
      'exit',
    ]);
  });

  it('waits for a job that no handle keeps the process for', async () => {
    await using child = await start();
    await fetchFrom(child, '/job');
    child.kill('SIGTERM');
    await child.hears('signal');
    child.release();
    await child.exit;
    expect(child.all('job done')).toHaveLength(1);
  });

  it('has taken its handlers and patches back when it ends', async () => {
    await using child = await start();
    await fetchFrom(child, '/hello');
    child.kill('SIGTERM');
    expect(await child.hears('exit')).toMatchObject({ removedHandlers: 2, patched: false });
  });

  it('does not wait for keep-alive connections', async () => {
    await using child = await start();
    using client = new KeepAlive();
    await fetchFrom(child, '/hello', { agent: client.agent });
    expect(client.idle).toHaveLength(1);
    child.kill('SIGTERM');
    const killedAt = performance.now();
    expect(await child.exit).toEqual({ code: 0, signal: null });
    // Node would wait for as long as connections are kept alive, here ten minutes.
    expect(performance.now() - killedAt).toBeLessThan(20_000);
  });

  it('calls onShutdown when listening has stopped and the exit code is not set yet', async () => {
    await using child = await start();
    child.kill('SIGTERM');
    expect(await child.hears('onShutdown')).toEqual({ event: 'onShutdown', listening: false });
    await child.exit;
    expect(child.all('onShutdown')).toHaveLength(1);
  });
});

describe('the exit code', () => {
  it('is 1 when a job was cancelled', async () => {
    await using child = await start({ options: { timeout: 50 } });
    await fetchFrom(child, '/cancellable');
    child.kill('SIGTERM');
    expect(await child.hears('exit')).toMatchObject({ code: 1, report: { cancelled: 1 } });
    expect(child.all('job cancelled')).toHaveLength(1);
  });

  it('is 1 when a job ignores that it is cancelled, which is named', async () => {
    await using child = await start({ options: { timeout: 50 } });
    await fetchFrom(child, '/stubborn');
    child.kill('SIGTERM');
    expect(await child.hears('exit')).toMatchObject({
      code: 1,
      report: { abandoned: ['stubborn'] },
    });
  });

  it('is 1 when a response was destroyed, which is named', async () => {
    await using child = await start({ options: { timeout: 50 } });
    const cut = failureOf(fetchFrom(child, '/never'));
    await child.hears('holding');
    child.kill('SIGTERM');
    expect(await cut).toBe('ECONNRESET');
    expect(await child.hears('exit')).toMatchObject({
      code: 1,
      report: { destroyedResponses: [{ method: 'GET', url: '/never' }] },
    });
  });

  it('is 1 when onShutdown throws, which is told to stderr where nobody listens', async () => {
    await using child = await start({ throws: true });
    child.kill('SIGTERM');
    expect(await child.exit).toEqual({ code: 1, signal: null });
    expect(child.stderr).toContain('the database is gone');
  });

  it('stays what it was set to before', async () => {
    await using child = await start({ exitCode: 7, throws: true });
    child.kill('SIGTERM');
    expect(await child.exit).toEqual({ code: 7, signal: null });
  });
});

describe('an upgraded socket', () => {
  it('is destroyed, and does not keep the process', async () => {
    await using child = await start();
    using client = new Client(child);
    client.socket.write(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
    );
    await client.answers(1);
    child.kill('SIGTERM');
    await closed(client.socket);
    expect(await child.exit).toEqual({ code: 0, signal: null });
  });
});

describe('logging', () => {
  it('is silent by default', async () => {
    await using child = await start({ options: { timeout: 50 } });
    const cut = failureOf(fetchFrom(child, '/never'));
    await child.hears('holding');
    child.kill('SIGTERM');
    await Promise.all([child.exit, cut]);
    expect(child.stderr).toBe('');
  });

  it('tells the logger when it begins, how it ends and what was cut off', async () => {
    await using child = await start({ logs: true, options: { timeout: 50 } });
    const cut = failureOf(fetchFrom(child, '/never'));
    await child.hears('holding');
    child.kill('SIGTERM');
    await Promise.all([child.exit, cut]);
    expect(child.all('log')).toMatchObject([
      { level: 'info', message: 'SIGTERM: shutting down' },
      { level: 'warn', message: 'response destroyed: GET /never' },
    ]);
  });
});
