import { once } from 'node:events';
import { createServer } from 'node:http';
import { atomic, jobsListener, spawn } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { settled } from '@outlive/test-support/conditions';
import { portOf } from '@outlive/test-support/server';
import { promptly, watched } from '@outlive/test-support/watched';
import { HeldWork } from '../support/held-work.ts';
import { route, serve, serveJobs } from '../support/serve-jobs.ts';
import { waysToClose } from '../support/ways-to-close.ts';

describe.each(waysToClose)('a server closed by %s', (_name, setUp) => {
  it('closes when the job of a request has settled', async () => {
    const work = new HeldWork();
    const listener = jobsListener(route(work.routes));
    const server = createServer(listener);
    const close = setUp(server);
    await using serving = await serve(server, listener.scheduler);
    await fetchFrom(serving, '/job');
    const closing = watched(close());
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
    expect(work.done).toEqual(['job']);
  });

  it('closes when the atomic handler of a client that left has settled', async () => {
    const work = new HeldWork();
    const listener = jobsListener(route(work.routes));
    const server = createServer(listener);
    const close = setUp(server);
    await using serving = await serve(server, listener.scheduler);
    using client = new Client(serving);
    client.send('GET', '/atomic');
    await work.entered.promise;
    const { disconnect } = work;
    client.leave('RST');
    await disconnect;
    const closing = watched(close());
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
    expect(work.done).toEqual(['atomic']);
  });

  it('closes at once where nothing is left to wait for', async () => {
    const work = new HeldWork();
    const listener = jobsListener(route(work.routes));
    const server = createServer(listener);
    const close = setUp(server);
    await using serving = await serve(server, listener.scheduler);
    await fetchFrom(serving, '/quick');
    await promptly(close());
    expect(server.listening).toBe(false);
  });
});

describe('a server that closes', () => {
  it('waits for the shielded work of its requests', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    await fetchFrom(serving, '/shield');
    const closing = watched(once(serving.server.close(), 'close'));
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
    expect(work.done).toEqual(['shield']);
  });

  it('waits for an atomic handler that goes on after its answer', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs({
      '/': atomic(async (_request, response) => {
        response.end('answered');
        await work.run('atomic')();
      }),
    });
    await fetchFrom(serving, '/');
    const closing = watched(once(serving.server.close(), 'close'));
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
  });

  it('waits for what a job of its request spawns in turn', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs({
      '/': async (request, response) => {
        await spawn(request, async () => {
          await work.run('first')();
          await spawn(request, () => work.done.push('second'));
        });
        response.end();
      },
    });
    await fetchFrom(serving, '/');
    const closing = once(serving.server.close(), 'close');
    work.release();
    await promptly(closing);
    expect(work.done).toEqual(['first', 'second']);
  });

  it('waits for a job that waits for its slot', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(
      {
        '/': async (request, response) => {
          await spawn(request, work.run('first'));
          await spawn(request, work.run('second'));
          response.end();
        },
      },
      { limit: 1 },
    );
    await fetchFrom(serving, '/');
    const closing = once(serving.server.close(), 'close');
    work.release();
    await promptly(closing);
    expect(work.done).toEqual(['first', 'second']);
  });

  it('waits as well when the signal that it listens with aborts', async () => {
    const work = new HeldWork();
    const stop = new AbortController();
    const server = createServer(jobsListener(route(work.routes)));
    server.listen({ port: 0, host: '127.0.0.1', signal: stop.signal });
    await once(server, 'listening');
    await fetchFrom({ port: portOf(server) }, '/job');
    const closing = watched(once(server, 'close'));
    stop.abort();
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
  });

  it('tells its jobs so by their `drainSignal` signal, and takes that back when it has closed', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    const { scheduler } = serving;
    await fetchFrom(serving, '/job');
    const { drainSignal } = scheduler;
    const closing = once(serving.server.close(), 'close');
    expect(drainSignal.aborted).toBe(true);
    work.release();
    await promptly(closing);
    expect(scheduler.drainSignal.aborted).toBe(false);
    expect(scheduler.closed).toBe(false);
  });

  it('does not wait under `drainOnClose: false`', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes, { drainOnClose: false });
    await fetchFrom(serving, '/job');
    await promptly(once(serving.server.close(), 'close'));
    expect(work.done).toEqual([]);
    expect(serving.scheduler.size).toBe(1);
    work.release();
  });
});
