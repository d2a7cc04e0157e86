import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import { gracefulShutdown, jobsListener, Scheduler, spawn } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { listen } from '@outlive/test-support/server';

keepExitCode();

describe('an HTTP/2 server', () => {
  it('ends, with a client that would keep its idle session', async () => {
    const server = createHttp2Server((_req, res) => res.end('hello'));
    const shutdown = gracefulShutdown(server, { signals: [] });
    const client = connect(`http://127.0.0.1:${await listen(server)}`);
    await once(client.request().resume(), 'end');
    const goaway = once(client, 'goaway');
    await shutdown.shutdown();
    await goaway;
    expect(process.exitCode).toBe(0);
    client.destroy();
  });

  it('completes the streams that are open', async () => {
    const { promise: held, resolve: release } = deferred();
    const server = createHttp2Server((_req, res) => {
      res.write('begun ');
      void held.then(() => res.end('ended'));
    });
    const shutdown = gracefulShutdown(server, { signals: [] });
    const client = connect(`http://127.0.0.1:${await listen(server)}`);
    const stream = client.request().setEncoding('utf8');
    let received = '';
    stream.on('data', (text: string) => {
      received += text;
    });
    await once(stream, 'data');
    const report = shutdown.shutdown();
    await until(() => !server.listening);
    release();
    await once(stream, 'end');
    expect(received).toBe('begun ended');
    expect(await report).toMatchObject({ destroyedResponses: [] });
    client.destroy();
  });

  it('destroys a stream that has not ended in time, and names it', async () => {
    const server = createHttp2Server(() => undefined);
    const shutdown = gracefulShutdown(server, { signals: [], timeout: 50 });
    const client = connect(`http://127.0.0.1:${await listen(server)}`);
    client.on('error', () => undefined);
    const stream = client.request({ ':path': '/slow' });
    stream.on('error', () => undefined);
    await once(server, 'request');
    const { destroyedResponses } = await shutdown.shutdown();
    expect(destroyedResponses).toEqual([{ method: 'GET', url: '/slow' }]);
    client.destroy();
  });
});

describe('two servers on one scheduler', () => {
  it('keep it open until both have finished', async () => {
    const scheduler = new Scheduler();
    const { promise: held, resolve: release } = deferred();
    const closedDuring: boolean[] = [];
    const listener = jobsListener(async (req, res) => {
      await spawn(req, async () => {
        await held;
        // Still of use to the other, though the first has ended.
        await spawn(req, () => closedDuring.push(scheduler.closed));
      });
      res.end();
    }, scheduler);
    const servers = [createServer(listener), createServer(listener)] as const;
    const shutdowns = servers.map((server) => gracefulShutdown(server, { signals: [] }));
    const [, port] = await Promise.all(servers.map(listen));
    await fetchFrom({ port: port ?? 0 }, '/');
    const [first, second] = shutdowns.map((shutdown) => shutdown.shutdown());
    await first;
    expect(scheduler.closed).toBe(false);
    release();
    expect(await second).toMatchObject({ completed: 2, cancelled: [], abandoned: [] });
    expect(closedDuring).toEqual([false]);
    expect(scheduler.closed).toBe(true);
  });

  it('leave it to the server that goes on', async () => {
    const scheduler = new Scheduler();
    const [one, two] = [createServer(), createServer()];
    const shutdowns = [one, two].map((server) =>
      gracefulShutdown(server, { signals: [], scheduler }),
    );
    await Promise.all([listen(one), listen(two)]);
    await shutdowns[0]?.shutdown();
    expect(scheduler.closed).toBe(false);
    await shutdowns[1]?.shutdown();
    expect(scheduler.closed).toBe(true);
  });
});

describe('two servers in one process', () => {
  it.each([
    ['the first to end', 0],
    ['the last to end', 1],
  ])('give the exit code of the one that lost something: %s', async (_which, loser) => {
    const shutdowns = [0, 1].map((index) =>
      gracefulShutdown(createServer(), {
        signals: [],
        logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
        onShutdown: () => {
          if (index === loser) throw new Error('lost');
        },
      }),
    );
    for (const shutdown of shutdowns) await shutdown.shutdown();
    expect(process.exitCode).toBe(1);
  });
});
