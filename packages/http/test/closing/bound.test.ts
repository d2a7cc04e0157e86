import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { jobsListener, spawn } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { settled } from '@outlive/test-support/conditions';
import { fakeTimers } from '@outlive/test-support/fake-timers';
import { duration, promptly, watched } from '@outlive/test-support/watched';
import { sayClose } from '../support/answers.ts';
import { cancellable, HeldWork } from '../support/held-work.ts';
import { route, serve, serveJobs } from '../support/serve-jobs.ts';

const silent = (): void => {};

describe('a job that outlasts the close of its server', () => {
  it('gets `waitTimeout` from the call of close(), and is cancelled then', async () => {
    const told: string[] = [];
    await using serving = await serveJobs(
      {
        '/': async (request, response) => {
          await spawn(request, cancellable(told));
          response.end();
        },
      },
      { waitTimeout: 200, closeTimeout: 10_000 },
    );
    await fetchFrom(serving, '/');
    const took = await duration(once(serving.server.close(), 'close'));
    expect(told).toEqual(['cancelled']);
    expect(took).toBeGreaterThan(190);
    expect(took).toBeLessThan(9_000);
  });

  it('gets `closeTimeout` after that, and is abandoned then', async () => {
    const abandoned: unknown[] = [];
    await using serving = await serveJobs(new HeldWork().routes, {
      waitTimeout: 100,
      closeTimeout: 100,
      exceptionHandler: ({ message, job }) => {
        abandoned.push([message, job?.name]);
      },
    });
    await fetchFrom(serving, '/job');
    const took = await duration(once(serving.server.close(), 'close'));
    expect(abandoned).toEqual([['Job closing timed out', 'held']]);
    expect(took).toBeGreaterThan(190);
    expect(took).toBeLessThan(9_000);
  });

  it('is cancelled at its time, also while a response keeps the server open', async () => {
    const told: string[] = [];
    const work = new HeldWork();
    await using serving = await serveJobs(
      {
        ...work.routes,
        '/spawn': async (request, response) => {
          await spawn(request, cancellable(told));
          response.end();
        },
      },
      { waitTimeout: 50 },
    );
    using client = new Client(serving);
    client.send('GET', '/plain');
    await work.entered.promise;
    await fetchFrom(serving, '/spawn');
    const closing = watched(once(serving.server.close(), 'close'));
    await promptly(serving.scheduler.idle());
    expect(told).toEqual(['cancelled']);
    expect(closing.over).toBe(false);
    work.release();
    await client.answers(1, 'late');
    await promptly(closing.promise);
  });

  it('does not cut off the response that does', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes, { waitTimeout: 0, closeTimeout: 0 });
    using client = new Client(serving);
    client.send('GET', '/plain');
    await work.entered.promise;
    const closing = watched(once(serving.server.close(), 'close'));
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await client.answers(1, 'late');
    await promptly(closing.promise);
  });

  it('spawned when the time was up already is cancelled as soon as the server has closed', async () => {
    using timers = fakeTimers();
    const told: string[] = [];
    const work = new HeldWork();
    await using serving = await serveJobs(
      {
        '/': async (request, response) => {
          await work.run('answer')();
          await spawn(request, cancellable(told, 'late job'));
          response.end('late');
        },
        '/early': async (request, response) => {
          await spawn(request, cancellable(told, 'early job'));
          response.end();
        },
      },
      { waitTimeout: 1_000, closeTimeout: 10_000 },
    );
    using client = new Client(serving);
    client.send('GET', '/');
    await work.entered.promise;
    await fetchFrom(serving, '/early');
    const closing = once(serving.server.close(), 'close');
    await timers.after(1_000);
    await promptly(serving.scheduler.idle());
    await settled();
    work.release();
    await client.answers(1, 'late');
    // No further ms passes on the clock.
    await promptly(closing);
    expect(told).toEqual(['early job', 'late job']);
  });

  it('cancels no job of the scheduler that is not of a request', async () => {
    await using serving = await serveJobs(new HeldWork().routes, {
      waitTimeout: 0,
      closeTimeout: 0,
      exceptionHandler: silent,
    });
    const own = serving.scheduler.spawnNow(() => new Promise(() => {}));
    await fetchFrom(serving, '/job');
    await promptly(once(serving.server.close(), 'close'));
    expect(own.state).toBe('active');
    expect(own.signal.aborted).toBe(false);
  });

  test.each([
    ['a close() of the prototype', (server: Server) => Server.prototype.close.call(server)],
    ['a close() bound before', (_server: Server, bound: () => unknown) => bound()],
  ])('gets its `waitTimeout` from the call of %s as well', async (_name, close) => {
    const told: string[] = [];
    const work = new HeldWork();
    const listener = jobsListener(
      route({
        ...work.routes,
        '/spawn': async (request, response) => {
          await spawn(request, cancellable(told));
          response.end();
        },
      }),
      { waitTimeout: 50 },
    );
    const server = createServer(listener);
    const bound = server.close.bind(server);
    await using serving = await serve(server, listener.scheduler);
    using client = new Client(serving);
    client.send('GET', '/plain');
    await work.entered.promise;
    await fetchFrom(serving, '/spawn');
    const closing = watched(once(server, 'close'));
    close(server, bound);
    await promptly(listener.scheduler.idle());
    expect(told).toEqual(['cancelled']);
    expect(closing.over).toBe(false);
    work.release();
    await client.answers(1, 'late');
    expect(sayClose(client.received)).toEqual([true]);
    await promptly(closing.promise);
  });
});
