import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { drainOnClose, jobsListener, Scheduler } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { listen } from '@outlive/test-support/server';
import { promptly, watched } from '@outlive/test-support/watched';
import { HeldWork } from '../support/held-work.ts';
import { route, serveJobs } from '../support/serve-jobs.ts';

type Close = (server: Server) => Promise<NodeJS.ErrnoException | undefined>;

const close: Close = (server) =>
  new Promise((resolve) => {
    server.close(resolve);
  });

describe('a server that is closed twice', () => {
  it('calls back twice when its jobs have settled, the second time with the error of Node', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    await fetchFrom(serving, '/job');
    const closings = [close(serving.server), close(serving.server)].map(watched);
    await settled();
    expect(closings.map(({ over }) => over)).toEqual([false, false]);
    work.release();
    const [first, second] = await promptly(Promise.all(closings.map(({ promise }) => promise)));
    expect(first).toBeUndefined();
    expect(second).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
  });

  it('holds the second close as well when that comes while the first is held', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    await fetchFrom(serving, '/job');
    const first = close(serving.server);
    await settled();
    const second = watched(close(serving.server));
    await settled();
    expect(second.over).toBe(false);
    work.release();
    expect(await promptly(first)).toBeUndefined();
    expect(await promptly(second.promise)).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
  });

  it('tells of each close as often as Node does', async () => {
    const bare = createServer();
    const tied = createServer();
    await using scheduler = new Scheduler();
    drainOnClose(tied, scheduler);
    const told: number[] = [];
    for (const [index, server] of [bare, tied].entries()) {
      server.on('close', () => told.push(index));
      await listen(server);
      await Promise.all([close(server), close(server)]);
    }
    await until(() => told.length === 4);
    await settled();
    expect(told).toEqual([0, 0, 1, 1]);
  });

  it('closes at once when the first close is over', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    await fetchFrom(serving, '/quick');
    await promptly(close(serving.server));
    expect(await promptly(close(serving.server))).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
  });
});

describe('a server that is closed before it listens', () => {
  it('calls back with the error of Node when the scheduler has drained', async () => {
    const work = new HeldWork();
    await using scheduler = new Scheduler();
    const server = createServer();
    drainOnClose(server, scheduler);
    scheduler.spawnNow(work.run('own'));
    const closing = watched(close(server));
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    expect(await promptly(closing.promise)).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
  });

  it('serves as ever when it listens after that', async () => {
    await using scheduler = new Scheduler();
    const server = createServer((_request, response) => response.end('ok'));
    drainOnClose(server, scheduler);
    await close(server);
    const port = await listen(server);
    using client = new Client({ port });
    for (const count of [1, 2]) {
      client.send('GET', '/');
      await client.answers(count, 'ok');
    }
    expect(client.received).not.toMatch(/connection: close/i);
    await promptly(close(server));
  });
});

describe('a server that listens again', () => {
  it('keeps its connections alive again, and its next close is held again', async () => {
    const work = [new HeldWork(), new HeldWork()] as const;
    let round = 0;
    const listener = jobsListener((request, response) =>
      route((work[round] as HeldWork).routes)(request, response),
    );
    await using scheduler = listener.scheduler;
    const server = createServer(listener);
    for (; round < work.length; round += 1) {
      const port = await listen(server);
      using client = new Client({ port });
      client.send('GET', '/job');
      await client.answers(1, 'spawned');
      client.send('GET', '/quick');
      await client.answers(2, 'quick');
      expect(client.received).not.toMatch(/connection: close/i);
      const closing = watched(close(server));
      await settled();
      expect(closing.over).toBe(false);
      expect(scheduler.drainSignal.aborted).toBe(true);
      work[round]?.release();
      expect(await promptly(closing.promise)).toBeUndefined();
      expect(scheduler.drainSignal.aborted).toBe(false);
    }
  });

  it('while its close is still held serves as ever', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    const { server } = serving;
    await fetchFrom(serving, '/job');
    const first = watched(close(server));
    await settled();
    const port = await listen(server);
    using client = new Client({ port });
    for (const count of [1, 2]) {
      client.send('GET', '/quick');
      await client.answers(count, 'quick');
    }
    expect(client.received).not.toMatch(/connection: close/i);
    expect(first.over).toBe(false);
    work.release();
    expect(await promptly(first.promise)).toBeUndefined();
    expect(await promptly(close(server))).toBeUndefined();
  });
});

describe('a server that is handed its connections and never listens', () => {
  it('takes that for no close', async () => {
    const work = new HeldWork();
    const listener = jobsListener(route(work.routes), { waitTimeout: 0 });
    await using scheduler = listener.scheduler;
    const inner = createServer(listener);
    await using outer = await serveJobs({});
    outer.server.removeAllListeners('connection');
    outer.server.on('connection', (socket) => inner.emit('connection', socket));
    using client = new Client(outer);
    client.send('GET', '/job');
    await client.answers(1, 'spawned');
    client.send('GET', '/quick');
    await client.answers(2, 'quick');
    expect(client.received).not.toMatch(/connection: close/i);
    expect(scheduler.drainSignal.aborted).toBe(false);
    expect([...scheduler].map(({ state }) => state)).toEqual(['active']);
    work.release();
  });
});

describe('a request that is the first to bring its server a scheduler, after close() was called', () => {
  it('has its job waited for, and its connection ended', async () => {
    const work = new HeldWork();
    const entered = new HeldWork();
    const listener = jobsListener(route(work.routes));
    await using scheduler = listener.scheduler;
    const server = createServer((request, response) => {
      void entered
        .run('entered')()
        .then(() => {
          listener(request, response);
        });
    });
    const port = await listen(server);
    using client = new Client({ port });
    client.send('GET', '/job');
    await entered.entered.promise;
    const closing = watched(close(server));
    entered.release();
    await client.answers(1, 'spawned');
    expect(client.received).toMatch(/connection: close/i);
    await promptly(once(client.socket, 'close'));
    await settled();
    expect(closing.over).toBe(false);
    expect(scheduler.drainSignal.aborted).toBe(true);
    work.release();
    await promptly(closing.promise);
  });
});

describe('a client', () => {
  it('is refused while a close is held', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    await fetchFrom(serving, '/job');
    const closing = close(serving.server);
    const [error] = (await once(connect(serving.port, '127.0.0.1'), 'error')) as [
      NodeJS.ErrnoException,
    ];
    expect(error.code).toBe('ECONNREFUSED');
    work.release();
    await promptly(closing);
  });
});
