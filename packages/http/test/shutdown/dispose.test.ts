import { once } from 'node:events';
import { createServer } from 'node:http';
import { gracefulShutdown, Scheduler, spawn } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { KeepAlive } from '@outlive/test-support/keep-alive';
import { listen } from '@outlive/test-support/server';
import { serve } from '../support/shutdown.ts';

keepExitCode();

describe('dispose()', () => {
  it('leaves no handler of a signal, and the server as it was', () => {
    const server = createServer();
    const before = stateOf(server);
    const shutdown = gracefulShutdown(server, { scheduler: new Scheduler() });
    expect(stateOf(server)).not.toEqual(before);
    shutdown.dispose();
    expect(stateOf(server)).toEqual(before);
    shutdown.dispose();
    expect(stateOf(server)).toEqual(before);
  });

  it('gives a method that somebody else had patched back to him', () => {
    const server = createServer();
    const { close } = server;
    server.close = function patchedBefore(...args) {
      return close.apply(this, args);
    };
    const before = stateOf(server);
    gracefulShutdown(server).dispose();
    expect(stateOf(server)).toEqual(before);
  });

  it('leaves the server to close as it does without', async () => {
    const server = createServer();
    const scheduler = new Scheduler();
    gracefulShutdown(server, { signals: [], scheduler }).dispose();
    await listen(server);
    const job = scheduler.spawnNow(({ signal }) => once(signal, 'abort'));
    await new Promise((resolve) => server.close(resolve));
    expect(job.state).toBe('active');
    await scheduler.close();
  });

  it('leaves a request that is being worked on to its server', async () => {
    const { promise: held, resolve: release } = deferred();
    await using served = await serve(async (req, res) => {
      await spawn(req, () => held);
      res.end();
    });
    await fetchFrom(served, '/');
    served.shutdown.dispose();
    let closed = false;
    const close = new Promise<void>((resolve) => {
      served.server.close(() => {
        closed = true;
        resolve();
      });
    });
    await until(() => !served.server.listening);
    await settled();
    expect(closed).toBe(false);
    release();
    await close;
  });

  it.each(['at once', 'when listening has stopped'])(
    'does not cut off a shutdown that is under way: %s',
    async (when) => {
      const { promise: held, resolve: release } = deferred();
      const cancelled = jest.fn();
      await using served = await serve(async (req, res) => {
        await spawn(req, async ({ signal }) => {
          signal.addEventListener('abort', cancelled);
          await held;
        });
        res.end();
      });
      await fetchFrom(served, '/');
      const shutdown = served.shutdown.shutdown();
      if (when !== 'at once') await until(() => !served.server.listening);
      served.shutdown.dispose();
      await until(() => !served.server.listening);
      await settled();
      release();
      expect(await shutdown).toMatchObject({ completed: 1, cancelled: [], abandoned: [] });
      expect(cancelled).not.toHaveBeenCalled();
      expect(Object.keys(served.server)).toEqual(expect.not.arrayContaining(['emit', 'close']));
    },
  );

  it('leaves shutdown() to be called', async () => {
    const { promise: held, resolve: release } = deferred();
    await using served = await serve(async (_req, res) => {
      await held;
      res.end('all');
    });
    served.shutdown.dispose();
    using client = new KeepAlive();
    const answer = fetchFrom(served, '/', { agent: client.agent });
    await once(served.server, 'request');
    const shutdown = served.shutdown.shutdown();
    await until(() => !served.server.listening);
    release();
    expect(await answer).toMatchObject({ body: 'all', headers: { connection: 'close' } });
    expect(await shutdown).toMatchObject({ destroyedResponses: [] });
  });
});

/** All that a shutdown hooks into. */
function stateOf(server: object): object {
  return {
    own: Object.getOwnPropertyDescriptors(server),
    SIGTERM: process.listenerCount('SIGTERM'),
    SIGINT: process.listenerCount('SIGINT'),
  };
}
