import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { gracefulShutdown, Scheduler, spawn } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { listen } from '@outlive/test-support/server';
import { serve } from '../support/shutdown.ts';

keepExitCode();

describe('shutdown()', () => {
  it('gives every caller the same promise, and runs once', async () => {
    const onShutdown = jest.fn();
    await using served = await serve((_req, res) => res.end(), { onShutdown });
    const first = served.shutdown.shutdown();
    expect(served.shutdown.shutdown()).toBe(first);
    await first;
    expect(served.shutdown.shutdown()).toBe(first);
    expect(onShutdown).toHaveBeenCalledTimes(1);
  });

  it('has a report at its end, and none before', async () => {
    await using served = await serve((_req, res) => res.end());
    const shutdown = served.shutdown.shutdown();
    expect(served.shutdown.report).toBeUndefined();
    expect(await shutdown).toEqual({
      completed: 0,
      failed: 0,
      cancelled: [],
      neverStarted: [],
      abandoned: [],
      shields: 0,
      destroyedResponses: [],
    });
    expect(served.shutdown.report).toBe(await shutdown);
  });

  it('ends where the server never listened', async () => {
    const onShutdown = jest.fn();
    const shutdown = gracefulShutdown(createServer(), { signals: [], onShutdown });
    await shutdown.shutdown();
    expect(onShutdown).toHaveBeenCalledTimes(1);
    expect(process.exitCode).toBe(0);
  });

  it('ends where the server could not listen', async () => {
    await using taken = await serve((_req, res) => res.end());
    const server = createServer();
    const shutdown = gracefulShutdown(server, { signals: [] });
    await once(server.listen(taken.port, '127.0.0.1'), 'error');
    await shutdown.shutdown();
    expect(process.exitCode).toBe(0);
  });

  it('keeps a server closed that was about to listen', async () => {
    const server = createServer();
    const shutdown = gracefulShutdown(server, { signals: [] });
    // The name has to be looked up first.
    server.listen(0, 'localhost');
    await shutdown.shutdown();
    await lookup('localhost');
    await settled();
    expect(server.listening).toBe(false);
  });

  it('ends where the server has closed before, and still closes the scheduler', async () => {
    const scheduler = new Scheduler();
    const server = createServer();
    const shutdown = gracefulShutdown(server, { signals: [], scheduler });
    await listen(server);
    await new Promise((resolve) => server.close(resolve));
    await shutdown.shutdown();
    expect(scheduler.closed).toBe(true);
  });

  it('joins a close that is under way', async () => {
    const { promise: held, resolve: release } = deferred();
    await using served = await serve(async (req, res) => {
      await spawn(req, () => held);
      res.end();
    });
    await fetchFrom(served, '/');
    const close = new Promise((resolve) => served.server.close(resolve));
    const shutdown = served.shutdown.shutdown();
    release();
    await close;
    expect(await shutdown).toMatchObject({ completed: 1, abandoned: [] });
  });

  it('reports an onShutdown that throws to the logger, and does not reject', async () => {
    const error = jest.fn();
    const failure = new Error('no');
    const shutdown = gracefulShutdown(createServer(), {
      signals: [],
      logger: { info: () => undefined, warn: () => undefined, error },
      onShutdown: () => {
        throw failure;
      },
    });
    await shutdown.shutdown();
    expect(error.mock.calls).toEqual([['onShutdown failed', failure]]);
    expect(process.exitCode).toBe(1);
  });

  it('is not disturbed by errors of responses that it waits for', async () => {
    const { promise: held, resolve: release } = deferred();
    await using served = await serve(async (_req, res) => {
      res.on('error', () => undefined);
      await held;
      res.emit('error', new Error('of a stream that was piped into it'));
      res.end('all');
    });
    const answer = fetchFrom(served, '/');
    await once(served.server, 'request');
    const shutdown = served.shutdown.shutdown();
    await until(() => !served.server.listening);
    release();
    expect(await answer).toMatchObject({ body: 'all' });
    expect(await shutdown).toMatchObject({ destroyedResponses: [] });
  });

  it('closes the schedulers that it was given, instead of those attached', async () => {
    const one = new Scheduler();
    const two = new Scheduler();
    await using served = await serve((_req, res) => res.end(), { scheduler: [one, two] });
    await fetchFrom(served, '/');
    await served.shutdown.shutdown();
    expect([one.closed, two.closed, served.scheduler.closed]).toEqual([true, true, false]);
  });

  it('waits for jobs that were spawned without a request, on a scheduler that it was given', async () => {
    const { promise: held, resolve: release } = deferred();
    const scheduler = new Scheduler();
    await using served = await serve((_req, res) => res.end(), { scheduler });
    const job = scheduler.spawnNow(() => held);
    const shutdown = served.shutdown.shutdown();
    await until(() => !served.server.listening);
    release();
    expect(await shutdown).toMatchObject({ completed: 1 });
    expect(job.outcome).toBe('completed');
  });
});
