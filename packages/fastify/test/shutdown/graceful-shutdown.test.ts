import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { atomic, gracefulShutdown, jobsPlugin, readiness, spawn } from '@outlive/fastify';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { closed, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { fakeTimers } from '@outlive/test-support/fake-timers';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { failureOf } from '@outlive/test-support/failure';
import { KeepAlive } from '@outlive/test-support/keep-alive';
import { watched } from '@outlive/test-support/watched';
import { versions } from '../support/versions.ts';

keepExitCode();

async function listen(app: FastifyInstance): Promise<{ port: number }> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server.address() as AddressInfo;
}

describe.each(versions)('gracefulShutdown() of a %s instance', (_name, fastify) => {
  it('closes the app: its requests, its jobs, then its plugins', async () => {
    const { promise: held, resolve: release } = deferred();
    const order: string[] = [];
    const app = fastify();
    await app.register(jobsPlugin);
    app.addHook('onClose', async () => void order.push('plugin closed'));
    app.route({
      method: 'GET',
      url: '/',
      handler: async (request) => {
        await spawn(request, async () => {
          await held;
          order.push('job done');
        });
        await held;
        return 'held';
      },
    });
    const shutdown = gracefulShutdown(app, {
      signals: [],
      onShutdown: () => void order.push('onShutdown'),
    });
    const answer = fetchFrom(await listen(app), '/');
    await once(app.server, 'request');
    const report = shutdown.shutdown();
    release();
    expect(await answer).toMatchObject({ body: 'held' });
    expect(await report).toMatchObject({ completed: 1, cancelled: [], destroyedResponses: [] });
    expect(order).toEqual(['job done', 'plugin closed', 'onShutdown']);
    expect(app.scheduler.closed).toBe(true);
    expect(process.exitCode).toBe(0);
  });

  it('leaves an atomic handler or a job out that waits for shutdown({ from })', async () => {
    const app = fastify();
    await app.register(jobsPlugin);
    const shutdown = gracefulShutdown(app, { signals: [], timeout: Infinity });
    const reports: unknown[] = [];
    app.get(
      '/',
      atomic(async (request) => {
        await spawn(request, async (job) => {
          reports.push(await shutdown.shutdown({ from: job }));
        });
        reports.push(await shutdown.shutdown({ from: request }));
        return 'restarted';
      }),
    );
    const server = await listen(app);
    expect(await fetchFrom(server, '/')).toMatchObject({ body: 'restarted' });
    await until(() => reports.length === 2);
    expect(reports[0]).toMatchObject({ completed: 0, cancelled: [], abandoned: [] });
    expect(reports[1]).toBe(reports[0]);
    expect(process.exitCode).toBe(0);
  });

  it('leaves out a job that waits for shutdown({ from }) when its request has been answered', async () => {
    const app = fastify();
    await app.register(jobsPlugin, { closeTimeout: 5_000 });
    const shutdown = gracefulShutdown(app, { signals: [], timeout: Infinity });
    const { promise: answered, resolve: release } = deferred();
    const { promise: reported, resolve: report } = deferred<unknown>();
    app.get('/', async (request) => {
      await spawn(request, async (job) => {
        await answered;
        report(await shutdown.shutdown({ from: job }));
      });
      return 'answered';
    });
    await fetchFrom(await listen(app), '/');
    release();
    expect(await reported).toMatchObject({ completed: 0, cancelled: [], abandoned: [] });
    expect(process.exitCode).toBe(0);
  });

  it('does not wait for the 72 s that a client may keep its connection', async () => {
    const { promise: held, resolve: release } = deferred();
    const app = fastify();
    app.get('/', async () => 'hello');
    app.get('/held', async () => {
      await held;
      return 'held';
    });
    const shutdown = gracefulShutdown(app, { signals: [] });
    const address = await listen(app);
    using client = new KeepAlive();
    using idle = new KeepAlive();
    await fetchFrom(address, '/', { agent: idle.agent });
    const arrived = once(app.server, 'request');
    const answer = fetchFrom(address, '/held', { agent: client.agent });
    await arrived;
    const report = shutdown.shutdown();
    await until(() => !app.server.listening);
    release();
    expect(await answer).toMatchObject({ body: 'held', headers: { connection: 'close' } });
    const answeredAt = performance.now();
    await report;
    expect(performance.now() - answeredAt).toBeLessThan(20_000);
  });

  it('serves as ever during the delay, with `Connection: close`', async () => {
    using timers = fakeTimers();
    const app = fastify();
    app.get('/', async () => 'hello');
    const shutdown = gracefulShutdown(app, { signals: [], delay: 1_000 });
    app.get('/ready', readiness(shutdown));
    const address = await listen(app);
    using client = new KeepAlive();
    await fetchFrom(address, '/', { agent: client.agent });
    const report = shutdown.shutdown();
    expect(await fetchFrom(address, '/ready')).toMatchObject({ status: 503 });
    expect(await fetchFrom(address, '/', { agent: client.agent })).toMatchObject({
      status: 200,
      headers: { connection: 'close' },
      body: 'hello',
    });
    await timers.after(999);
    expect(app.server.listening).toBe(true);
    await timers.after(1);
    await report;
  });

  it('lets requests finish also with forceCloseConnections', async () => {
    const { promise: held, resolve: release } = deferred();
    const app = fastify({ forceCloseConnections: true });
    app.get('/', async () => {
      await held;
      return 'held';
    });
    const shutdown = gracefulShutdown(app, { signals: [] });
    const answer = fetchFrom(await listen(app), '/');
    await once(app.server, 'request');
    const report = shutdown.shutdown();
    await until(() => !app.server.listening);
    release();
    expect(await answer).toMatchObject({ body: 'held' });
    expect(await report).toMatchObject({ destroyedResponses: [] });
  });

  it('cuts them off at the end of the grace, and names them, also with forceCloseConnections', async () => {
    const app = fastify({ forceCloseConnections: true });
    app.get('/slow', () => new Promise(() => undefined));
    const shutdown = gracefulShutdown(app, { signals: [], timeout: 50 });
    const cut = failureOf(fetchFrom(await listen(app), '/slow'));
    await once(app.server, 'request');
    const { destroyedResponses } = await shutdown.shutdown();
    expect(await cut).toBe('ECONNRESET');
    expect(destroyedResponses).toEqual([{ method: 'GET', url: '/slow' }]);
  });

  it('is not kept by a connection that never sent a request', async () => {
    const app = fastify();
    const shutdown = gracefulShutdown(app, { signals: [] });
    const address = await listen(app);
    using silent = new Client(address);
    await once(app.server, 'connection');
    await shutdown.shutdown();
    await closed(silent.socket);
  });

  it('gives a scheduler that was passed in its end as well', async () => {
    const app = fastify();
    await app.register(jobsPlugin);
    const shutdown = gracefulShutdown(app, { signals: [] });
    await app.ready();
    await shutdown.shutdown();
    expect(app.scheduler.closed).toBe(true);
  });

  it('tells the logger of a hook that fails, and ends', async () => {
    const error = jest.fn();
    const app = fastify();
    app.addHook('onClose', async () => {
      throw new Error('no');
    });
    const shutdown = gracefulShutdown(app, {
      signals: [],
      logger: { info: () => undefined, warn: () => undefined, error },
    });
    await listen(app);
    await shutdown.shutdown();
    expect(error).toHaveBeenCalledTimes(1);
    expect(process.exitCode).toBe(1);
  });

  it('is not kept for ever by a hook that hangs: the rest goes on without it', async () => {
    using timers = fakeTimers();
    const error = jest.fn();
    const onShutdown = jest.fn();
    const app = fastify();
    await app.register(jobsPlugin);
    const hook = jest.fn(() => new Promise<void>(() => undefined));
    app.addHook('onClose', async () => hook());
    const shutdown = gracefulShutdown(app, {
      signals: [],
      logger: { info: () => undefined, warn: () => undefined, error },
      onShutdown,
    });
    await app.ready();
    const report = watched(shutdown.shutdown());
    await until(() => hook.mock.calls.length > 0);
    // Beside the 25 s of the hook it waits for what might be cancelled, some 100 ms each time.
    for (let seconds = 0; seconds < 30 && !report.over; seconds += 1) {
      expect(onShutdown).toHaveBeenCalledTimes(0);
      await timers.after(1_000);
    }
    expect(error.mock.calls).toEqual([
      [expect.stringMatching(/^closing the server had not finished after \d+ ms$/)],
    ]);
    expect(onShutdown).toHaveBeenCalledTimes(1);
    expect(process.exitCode).toBe(1);
  });

  it('takes everything back with dispose()', async () => {
    const app = fastify();
    const before = Object.getOwnPropertyDescriptors(app.server);
    gracefulShutdown(app).dispose();
    expect(Object.getOwnPropertyDescriptors(app.server)).toEqual(before);
    await app.close();
  });
});
