import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Server as NetServer } from 'node:net';
import { promisify } from 'node:util';
import {
  atomic,
  drainOnClose,
  type ExceptionContext,
  jobsListener,
  requestSignal,
  Scheduler,
  spawn,
} from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { promptly, watched } from '@outlive/test-support/watched';
import { warnings } from '@outlive/test-support/warnings';
import { closesItself, hasNoConnections } from '../support/closes-itself.ts';
import { after, fakeTimers } from '../support/fake-timers.ts';
import { HeldWork } from '../support/held-work.ts';
import { type Listener, serve, serveJobs } from '../support/serve-jobs.ts';

/** Options of a scheduler whose drains are soon at their end, and what its exception handler gets. */
function impatient(): { options: object; reported: ExceptionContext[] } {
  const reported: ExceptionContext[] = [];
  const exceptionHandler = (context: ExceptionContext): void => {
    reported.push(context);
  };
  return { options: { waitTimeout: 50, closeTimeout: 20, exceptionHandler }, reported };
}

describe('a job that closes its own server and waits for it', () => {
  it('waits for itself, until the bound of the close ends that', async () => {
    const { options, reported } = impatient();
    const made = deferred<unknown>();
    await using serving = await serveJobs(
      {
        '/': async (request, response) => {
          const { server } = serving;
          const close = async (): Promise<void> => promisify(server.close.bind(server))();
          made.resolve(await spawn(request, close, { name: 'closes' }));
          response.end();
        },
      },
      options,
    );
    const from = performance.now();
    await fetchFrom(serving, '/');
    const job = await made.promise;
    await promptly(serving.scheduler.idle());
    expect(performance.now() - from).toBeGreaterThanOrEqual(65);
    expect(reported).toMatchObject([{ message: 'Job closing timed out', job }]);
    expect(job).toMatchObject({ outcome: 'completed' });
  });

  it('does so as well where the whole scheduler is tied to the server', async () => {
    const { options, reported } = impatient();
    await using serving = await serveJobs({}, options);
    const { scheduler, server } = serving;
    drainOnClose(server, scheduler);
    const job = scheduler.spawnNow(async () => promisify(server.close.bind(server))());
    await promptly(job.wait());
    expect(reported).toMatchObject([{ message: 'Job closing timed out', job }]);
  });

  it('does so as well when somebody else has called close() before', async () => {
    const { options } = impatient();
    const work = new HeldWork();
    await using serving = await serveJobs(
      {
        '/': async (request, response) => {
          await spawn(request, async () => {
            await work.run('entered')();
            await once(serving.server, 'close');
          });
          response.end();
        },
      },
      options,
    );
    await fetchFrom(serving, '/');
    const closing = once(serving.server.close(), 'close');
    work.release();
    await promptly(closing);
    await promptly(serving.scheduler.idle());
  });

  it('waits for the jobs of requests alone, if it is not of one', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    const { scheduler, server } = serving;
    await fetchFrom(serving, '/job');
    const job = scheduler.spawnNow(async () => promisify(server.close.bind(server))());
    const closing = watched(job.wait());
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
    expect(work.done).toEqual(['job']);
  });
});

describe('an atomic handler that closes its own server and waits for it', () => {
  /** Closes its own server, and waits for that as long as it may. */
  const givesUp: Listener = atomic(async (request: IncomingMessage, response) => {
    const { server } = request.socket as unknown as { server: NetServer };
    const closed = promisify(server.close.bind(server))().then(() => 'closed');
    const signal = requestSignal(request);
    const cancelled = once(signal, 'abort').then(() => 'cancelled');
    response.end(await Promise.race([closed, cancelled]));
  });

  it('waits for itself, until the bound of the close aborts its signal', async () => {
    const { options } = impatient();
    await using serving = await serveJobs({ '/': givesUp }, options);
    const closed = once(serving.server, 'close');
    using client = new Client(serving);
    client.send('GET', '/');
    await promptly(client.answers(1, 'cancelled'));
    expect(client.received).toMatch(/connection: close/i);
    await promptly(closed);
  });

  it('is not cancelled earlier, and has the end of the close told once', async () => {
    let told = 0;
    await using serving = await serveJobs({ '/': givesUp });
    const { server } = serving;
    server.on('close', () => {
      told += 1;
    });
    using client = new Client(serving);
    client.send('GET', '/');
    await until(() => !server.listening);
    await settled();
    expect(client.received).toBe('');
    // Cancels the handler: the server can close.
    await promptly(serving.scheduler.close());
    await promptly(once(client.socket, 'close'));
    await until(() => told > 0);
    await settled();
    expect(told).toBe(1);
  });

  it('has it told once as well when its client leaves meanwhile', async () => {
    const { options, reported } = impatient();
    let told = 0;
    await using serving = await serveJobs({ '/': atomic(closesItself) }, options);
    const { server } = serving;
    server.on('close', () => {
      told += 1;
    });
    using client = new Client(serving);
    client.send('GET', '/');
    await until(() => !server.listening);
    client.leave('RST');
    await until(() => hasNoConnections(server));
    await promptly(serving.scheduler.idle());
    await settled();
    expect(told).toBe(1);
    expect(reported).toMatchObject([{ message: 'Job closing timed out' }]);
  });
});

/** Ends when it is let go, since time stands still here. */
function closesUntilReleased(): { close: Listener; release: () => void } {
  const { promise, resolve } = deferred();
  const close: Listener = (request, response) =>
    Promise.race([closesItself(request, response), promise.then(() => response.end())]);
  return { close, release: resolve };
}

describe('the warning of a handler or job that waits for itself', () => {
  fakeTimers();

  it('comes after 1 s, once, and names the handler by its request, and the way to do it', async () => {
    using seen = warnings();
    const { close, release } = closesUntilReleased();
    await using serving = await serveJobs({
      '/admin/restart?token=secret': atomic(close, { name: 'restart' }),
    });
    using client = new Client(serving);
    client.send('GET', '/admin/restart?token=secret');
    await until(() => !serving.server.listening);
    await settled();
    await after(999);
    expect(seen.all).toEqual([]);
    await after(1);
    expect(seen.all).toMatchObject([{ name: 'OutliveWarning', code: 'OUTLIVE_HELD_CLOSE' }]);
    const { message } = seen.all[0] as Error;
    expect(message).toContain('restart (GET /admin/restart)');
    expect(message).toContain('shutdown({ from })');
    expect(message).not.toContain('secret');
    await after(5_000);
    expect(seen.all).toHaveLength(1);
    release();
    await client.answers(1);
  });

  it('names a job', async () => {
    using seen = warnings();
    const { close, release } = closesUntilReleased();
    await using serving = await serveJobs({
      '/': async (request, response) => {
        await spawn(request, () => close(request, response), { name: 'restart' });
        response.end();
      },
    });
    await fetchFrom(serving, '/');
    await until(() => !serving.server.listening && hasNoConnections(serving.server));
    await settled();
    await after(1_000);
    expect(seen.all.map(({ message }) => message)).toEqual([
      expect.stringMatching(/: restart\b.*shutdown\(\{ from \}\)/),
    ]);
    release();
    await serving.scheduler.idle();
  });
});

describe('an atomic handler that closes its own server and does not wait', () => {
  it('has its answer sent before anybody is told of the close', async () => {
    let sent: boolean | undefined;
    await using serving = await serveJobs({
      '/': atomic(async (_request, response) => {
        serving.server.close(() => {
          sent = hasNoConnections(serving.server);
        });
        response.end(Buffer.alloc(16 * 1024 * 1024));
      }),
    });
    using client = new Client(serving);
    client.socket.pause();
    client.send('GET', '/');
    await until(() => !serving.server.listening);
    await settled();
    expect(sent).toBeUndefined();
    client.socket.resume();
    await until(() => sent !== undefined);
    expect(sent).toBe(true);
  });
});

describe('an atomic handler that has ended its response', () => {
  it('is waited for, whatever has ended the last connection', async () => {
    const [work, more] = [new HeldWork(), new HeldWork()];
    const scheduler = new Scheduler();
    const listener = jobsListener(
      atomic(async (_request, response) => {
        await work.run('begun')();
        response.end('answered');
        await more.run('more')();
      }),
      scheduler,
    );
    const server = createServer(listener);
    await using serving = await serve(server, scheduler);
    using client = new Client(serving);
    client.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await work.entered.promise;
    const closing = watched(
      new Promise((resolve) => NetServer.prototype.close.call(server, resolve)),
    );
    work.release();
    await more.entered.promise;
    await promptly(once(client.socket, 'close'));
    await until(() => hasNoConnections(server));
    await settled();
    expect(closing.over).toBe(false);
    more.release();
    await promptly(closing.promise);
  });
});
