import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { closed } from '@outlive/test-support/conditions';
import { KeepAlive } from '@outlive/test-support/keep-alive';
import { Child } from '../support/child.ts';
import { type Fixture, makeFixture } from '../support/fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture('shutdown-server');
});
afterAll(() => {
  fixture[Symbol.dispose]();
});

/** A server whose delay only a second signal ends. */
function start(): Promise<Child> {
  const setup = { options: { delay: 600_000 } };
  return Child.start([process.execPath, fixture.path, JSON.stringify(setup)]);
}

async function begin(child: Child): Promise<void> {
  child.kill('SIGTERM');
  await child.hears('signal');
}

/** Any signal within 500 ms of the first counts as the first. */
async function endDelay(child: Child): Promise<void> {
  await sleep(600);
  child.kill('SIGTERM');
}

describe('during the delay', () => {
  it('readiness answers 503', async () => {
    await using child = await start();
    expect(await fetchFrom(child, '/ready')).toMatchObject({ status: 200, body: 'ready' });
    await begin(child);
    expect(await fetchFrom(child, '/ready')).toMatchObject({ status: 503, body: 'shutting down' });
  });

  it('new connections are served, with `Connection: close`', async () => {
    await using child = await start();
    await begin(child);
    using client = new KeepAlive();
    expect(await fetchFrom(child, '/hello', { agent: client.agent })).toMatchObject({
      status: 200,
      headers: { connection: 'close' },
      body: 'hello',
    });
  });

  it('kept connections are served once more, with `Connection: close`', async () => {
    await using child = await start();
    using client = new KeepAlive();
    const before = await fetchFrom(child, '/hello', { agent: client.agent });
    expect(before.headers.connection).toBe('keep-alive');
    const [connection] = client.idle;
    await begin(child);
    // The agent takes the connection that it has.
    const after = await fetchFrom(child, '/hello', { agent: client.agent });
    expect(after).toMatchObject({ status: 200, headers: { connection: 'close' }, body: 'hello' });
    expect(client.idle).not.toContain(connection);
  });

  it('a response in flight is told to be the last on its connection', async () => {
    await using child = await start();
    using client = new KeepAlive();
    const answer = fetchFrom(child, '/held', { agent: client.agent });
    await child.hears('holding');
    await begin(child);
    child.release();
    expect(await answer).toMatchObject({ headers: { connection: 'close' }, body: 'held' });
  });

  it('no connection is closed that was not told so, until the delay is over', async () => {
    await using child = await start();
    using idle = new Client(child);
    idle.send('GET', '/hello');
    await idle.answers(1, 'hello');
    using silent = new Client(child);
    await once(silent.socket, 'connect');
    await begin(child);
    // Whatever it would do to them, it has done before it answers.
    await fetchFrom(child, '/hello');
    await fetchFrom(child, '/hello');
    expect([idle.socket.closed, silent.socket.closed]).toEqual([false, false]);
    await endDelay(child);
    await Promise.all([closed(idle.socket), closed(silent.socket)]);
    expect(await child.exit).toEqual({ code: 0, signal: null });
  });

  it('what arrives is served, though the event loop is blocked until the delay is over', async () => {
    const sent = join(fixture.folder, 'sent');
    const setup = { options: { delay: 100 }, blocksUntil: sent };
    await using child = await Child.start([process.execPath, fixture.path, JSON.stringify(setup)]);
    using kept = new Client(child);
    kept.send('GET', '/hello');
    await kept.answers(1, 'hello');
    await begin(child);
    // From here on it is blocked: both requests wait in the system's buffers.
    using fresh = new Client(child);
    await once(fresh.socket, 'connect');
    fresh.send('GET', '/hello');
    kept.send('GET', '/hello');
    await sleep(200);
    writeFileSync(sent, '');
    await Promise.all([kept.answers(2, 'hello'), fresh.answers(1, 'hello')]);
    for (const { received } of [kept, fresh]) expect(received).toMatch(/Connection: close/);
    expect(await child.exit).toEqual({ code: 0, signal: null });
  });

  it('jobs are accepted and waited for', async () => {
    await using child = await start();
    await begin(child);
    expect(await fetchFrom(child, '/job')).toMatchObject({ status: 200 });
    await endDelay(child);
    await child.hears('signal', 2);
    child.release();
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.all('job done')).toHaveLength(1);
  });
});
