import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import {
  after,
  atomic,
  gracefulShutdown,
  type Job,
  jobsListener,
  Scheduler,
  type ShutdownHandle,
  type ShutdownOptions,
  type ShutdownReport,
  spawn,
} from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { printed } from '@outlive/test-support/printed';
import { listen } from '@outlive/test-support/server';
import { promptly } from '@outlive/test-support/watched';
import { HeldWork } from '../support/held-work.ts';
import { type Routes, route } from '../support/serve-jobs.ts';
import { serve, type Served } from '../support/shutdown.ts';

keepExitCode();

const nothing = {
  completed: 0,
  failed: 0,
  cancelled: [],
  neverStarted: [],
  abandoned: [],
  shields: 0,
  destroyedResponses: [],
};

/** No time limit: what waits for itself waits for ever. */
const patient: ShutdownOptions = { timeout: Infinity };

/** A server whose routes get the handle of its shutdown. */
async function serveRoutes(
  routes: (shutdown: () => ShutdownHandle) => Routes,
  options = patient,
): Promise<Served> {
  const served: Served = await serve(route(routes(() => served.shutdown)), options);
  return served;
}

type From = NonNullable<Parameters<ShutdownHandle['shutdown']>[0]>['from'];

/** An atomic handler that shuts its own server down, and answers with the report. */
function restart(
  shutdown: () => ShutdownHandle,
  reports: ShutdownReport[],
  fromOf: (request: IncomingMessage) => From = (request) => request,
): Routes[string] {
  return atomic(async (request, response) => {
    reports.push(await shutdown().shutdown({ from: fromOf(request) }));
    response.end('restarted');
  });
}

describe('an atomic handler that waits for shutdown({ from: request })', () => {
  it('is not waited for and in no list, and may answer then', async () => {
    const reports: ShutdownReport[] = [];
    await using served = await serveRoutes((shutdown) => ({ '/': restart(shutdown, reports) }));
    const closed = once(served.server, 'close');
    using client = new Client(served);
    client.send('GET', '/');
    await promptly(client.answers(1, 'restarted'));
    expect(client.received).toMatch(/connection: close/i);
    await promptly(once(client.socket, 'close'));
    await promptly(closed);
    expect(reports).toEqual([nothing]);
    expect(process.exitCode).toBe(0);
  });

  it('is left out after an await as well', async () => {
    const reports: ShutdownReport[] = [];
    await using served = await serveRoutes((shutdown) => ({
      '/': atomic(async (request, response) => {
        await settled();
        reports.push(await shutdown().shutdown({ from: request }));
        response.end('restarted');
      }),
    }));
    expect(await promptly(fetchFrom(served, '/'))).toMatchObject({ body: 'restarted' });
    expect(reports).toEqual([nothing]);
  });

  it('is left out also when its client leaves meanwhile', async () => {
    const reports: ShutdownReport[] = [];
    const work = new HeldWork();
    await using served = await serveRoutes((shutdown) => ({
      '/job': work.job,
      '/': restart(shutdown, reports),
    }));
    await fetchFrom(served, '/job');
    using client = new Client(served);
    client.send('GET', '/');
    await until(() => !served.server.listening);
    client.leave('RST');
    await settled();
    work.release();
    expect(await promptly(served.shutdown.shutdown())).toEqual({ ...nothing, completed: 1 });
    await until(() => reports.length === 1);
  });

  it('has the jobs and the responses of others waited for', async () => {
    const reports: ShutdownReport[] = [];
    const [work, other] = [new HeldWork(), new HeldWork()];
    await using served = await serveRoutes((shutdown) => ({
      '/plain': work.plain,
      '/job': other.job,
      '/': restart(shutdown, reports),
    }));
    await fetchFrom(served, '/job');
    using busy = new Client(served);
    busy.send('GET', '/plain');
    await work.entered.promise;
    using client = new Client(served);
    client.send('GET', '/');
    await until(() => !served.server.listening);
    await settled();
    expect(client.received).toBe('');
    work.release();
    await promptly(busy.answers(1, 'late'));
    await settled();
    expect(client.received).toBe('');
    other.release();
    await promptly(client.answers(1, 'restarted'));
    expect(reports).toEqual([{ ...nothing, completed: 1 }]);
  });

  it('has the other requests of its own connection waited for', async () => {
    const work = new HeldWork();
    await using served = await serveRoutes((shutdown) => ({
      ...work.routes,
      '/': restart(shutdown, []),
    }));
    using client = new Client(served);
    client.send('GET', '/plain');
    client.send('GET', '/');
    await until(() => !served.server.listening);
    await settled();
    expect(client.received).toBe('');
    work.release();
    await promptly(client.answers(2, 'restarted'));
  });

  it('has the jobs that its own request has spawned waited for', async () => {
    const reports: ShutdownReport[] = [];
    const work = new HeldWork();
    await using served = await serveRoutes((shutdown) => ({
      '/': atomic(async (request, response) => {
        await spawn(request, work.run('job'));
        reports.push(await shutdown().shutdown({ from: request }));
        response.end('restarted');
      }),
    }));
    using client = new Client(served);
    client.send('GET', '/');
    await until(() => !served.server.listening);
    await settled();
    expect(client.received).toBe('');
    work.release();
    await promptly(client.answers(1, 'restarted'));
    expect(reports).toEqual([{ ...nothing, completed: 1 }]);
  });

  it('may be several, which do not wait for each other', async () => {
    const reports: ShutdownReport[] = [];
    let entered = 0;
    const go = deferred();
    await using served = await serveRoutes((shutdown) => ({
      '/': atomic(async (request, response) => {
        entered += 1;
        await go.promise;
        reports.push(await shutdown().shutdown({ from: request }));
        response.end('restarted');
      }),
    }));
    using first = new Client(served);
    using second = new Client(served);
    for (const client of [first, second]) client.send('GET', '/');
    await until(() => entered === 2);
    go.resolve();
    await promptly(Promise.all([first, second].map((client) => client.answers(1, 'restarted'))));
    expect(reports).toEqual([nothing, nothing]);
    expect(reports[0]).toBe(reports[1]);
  });

  it('is left out also of a shutdown that something else has begun', async () => {
    const reports: ShutdownReport[] = [];
    const work = new HeldWork();
    await using served = await serveRoutes((shutdown) => ({
      '/': atomic(async (request, response) => {
        await work.run('entered')();
        reports.push(await shutdown().shutdown({ from: request }));
        response.end('restarted');
      }),
    }));
    using client = new Client(served);
    client.send('GET', '/');
    await work.entered.promise;
    const shutdown = served.shutdown.shutdown();
    await until(() => !served.server.listening);
    work.release();
    await promptly(client.answers(1, 'restarted'));
    expect(await shutdown).toEqual(nothing);
    expect(reports[0]).toBe(await shutdown);
  });

  it('is left out over HTTP/2 as well', async () => {
    const reports: ShutdownReport[] = [];
    const listener = jobsListener(restart(() => shutdown, reports));
    const server = createHttp2Server((request, response) => {
      listener(request as never, response as never);
    });
    const shutdown = gracefulShutdown(server, { signals: [], ...patient });
    const port = await listen(server);
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const stream = session.request({ ':path': '/' }).setEncoding('utf8');
    const [body] = (await promptly(once(stream, 'data'))) as [string];
    expect(body).toBe('restarted');
    await promptly(once(session, 'close'));
    expect(reports).toEqual([nothing]);
  });
});

describe('a job that waits for shutdown({ from: job })', () => {
  it('is not waited for and in no list; its signal aborts', async () => {
    const ended = deferred<[ShutdownReport, boolean]>();
    const made = deferred<Job>();
    await using served = await serveRoutes((shutdown) => ({
      '/': async (request, response) => {
        const job = await spawn(request, async (self) => {
          const report = await shutdown().shutdown({ from: self });
          ended.resolve([report, self.signal.aborted]);
        });
        made.resolve(job);
        response.end('accepted');
      },
    }));
    expect(await promptly(fetchFrom(served, '/'))).toMatchObject({ body: 'accepted' });
    expect(await promptly(ended.promise)).toEqual([nothing, true]);
    const job = await made.promise;
    await job.wait();
    expect(job.outcome).toBe('completed');
    expect(process.exitCode).toBe(0);
  });

  it('is left out also if it is of no request', async () => {
    const scheduler = new Scheduler();
    const server: Server = createServer(jobsListener((_request, response) => response.end()));
    const handle = gracefulShutdown(server, { signals: [], scheduler, ...patient });
    await listen(server);
    const job = scheduler.spawnNow((self) => handle.shutdown({ from: self }));
    expect(await promptly(job.wait())).toEqual(nothing);
    expect(server.listening).toBe(false);
  });

  it('stands for the atomic handler that it is, so that its response is left open', async () => {
    const reports: ShutdownReport[] = [];
    await using served = await serveRoutes((shutdown) => ({
      '/': restart(shutdown, reports, () => [...served.scheduler]),
    }));
    expect(await promptly(fetchFrom(served, '/'))).toMatchObject({ body: 'restarted' });
    expect(reports).toEqual([nothing]);
  });
});

describe('a job that waits for shutdown({ from: request })', () => {
  it('is left out where no atomic handler of its request runs', async () => {
    const reports: ShutdownReport[] = [];
    await using served = await serveRoutes((shutdown) => ({
      '/': async (request, response) => {
        await spawn(request, async () => {
          reports.push(await shutdown().shutdown({ from: request }));
        });
        response.end('accepted');
      },
    }));
    expect(await promptly(fetchFrom(served, '/'))).toMatchObject({ body: 'accepted' });
    await until(() => reports.length === 1);
    expect(reports).toEqual([nothing]);
  });

  it('has the jobs of other requests waited for', async () => {
    const reports: ShutdownReport[] = [];
    const work = new HeldWork();
    await using served = await serveRoutes((shutdown) => ({
      '/job': work.job,
      '/': async (request, response) => {
        await spawn(request, async () => {
          reports.push(await shutdown().shutdown({ from: request }));
        });
        response.end('accepted');
      },
    }));
    await fetchFrom(served, '/job');
    await fetchFrom(served, '/');
    await settled();
    expect(reports).toEqual([]);
    work.release();
    await until(() => reports.length === 1);
    expect(reports).toEqual([{ ...nothing, completed: 1 }]);
  });
});

describe('the response of the caller that `from` names', () => {
  it('is left open for a job that answers in place of its handler', async () => {
    await using served = await serveRoutes((shutdown) => ({
      '/': async (request, response) => {
        await spawn(request, async (job) => {
          await shutdown().shutdown({ from: job });
          response.end('restarted');
        });
      },
    }));
    expect(await promptly(fetchFrom(served, '/'))).toMatchObject({ body: 'restarted' });
  });

  it('is left open for a plain handler as well', async () => {
    await using served = await serveRoutes((shutdown) => ({
      '/': async (request, response) => {
        await shutdown().shutdown({ from: request });
        response.end('restarted');
      },
    }));
    expect(await promptly(fetchFrom(served, '/'))).toMatchObject({ body: 'restarted' });
    expect(process.exitCode).toBe(0);
  });

  it('is left open with that of the handler that awaits the job, where both are named', async () => {
    const reports: ShutdownReport[] = [];
    await using served = await serveRoutes((shutdown) => ({
      '/': atomic(async (request, response) => {
        const job = await spawn(request, async (self) => {
          reports.push(await shutdown().shutdown({ from: [self, request] }));
        });
        await job.wait();
        response.end('restarted');
      }),
    }));
    expect(await promptly(fetchFrom(served, '/'))).toMatchObject({ body: 'restarted' });
    expect(reports).toEqual([nothing]);
  });

  it('is not cut off with the others when the time is up', async () => {
    const reports: ShutdownReport[] = [];
    const plain = new HeldWork();
    await using served = await serveRoutes(
      (shutdown) => ({ '/plain': plain.plain, '/': restart(shutdown, reports) }),
      { timeout: 50 },
    );
    const cut = fetchFrom(served, '/plain').catch(() => 'cut off');
    await plain.entered.promise;
    using client = new Client(served);
    client.send('GET', '/');
    await promptly(client.answers(1, 'restarted'));
    expect(await cut).toBe('cut off');
    const destroyedResponses = [{ method: 'GET', url: '/plain' }];
    expect(reports).toEqual([{ ...nothing, destroyedResponses }]);
  });

  it('is not cut off over HTTP/2 either, where other streams of its session are', async () => {
    const reports: ShutdownReport[] = [];
    const plain = new HeldWork();
    const listener = jobsListener(
      route({ '/plain': plain.plain, '/': restart(() => shutdown, reports) }),
    );
    const server = createHttp2Server((request, response) => {
      listener(request as never, response as never);
    });
    const shutdown = gracefulShutdown(server, { signals: [], timeout: 50 });
    const port = await listen(server);
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const held = session.request({ ':path': '/plain' });
    held.on('error', () => undefined);
    const cut = once(held, 'close');
    await plain.entered.promise;
    const stream = session.request({ ':path': '/' }).setEncoding('utf8');
    const [body] = (await promptly(once(stream, 'data'))) as [string];
    expect(body).toBe('restarted');
    await promptly(cut);
    await promptly(once(session, 'close'));
    expect(reports[0]?.destroyedResponses).toEqual([{ method: 'GET', url: '/plain' }]);
  });

  it('leaves the server hooked into until it is sent, and then no more', async () => {
    const answer = deferred();
    const over = deferred();
    await using served = await serveRoutes((shutdown) => ({
      '/': atomic(async (request, response) => {
        await shutdown().shutdown({ from: request });
        over.resolve();
        await answer.promise;
        response.end('restarted');
      }),
    }));
    const fetched = fetchFrom(served, '/');
    await over.promise;
    expect(Object.hasOwn(served.server, 'emit')).toBe(true);
    answer.resolve();
    await fetched;
    await until(() => !Object.hasOwn(served.server, 'emit'));
  });
});

describe('a forgotten `from`', () => {
  it('of an atomic handler: the bounds end it, and the report names the handler and the response', async () => {
    using errors = printed();
    const ended = deferred<ShutdownReport>();
    await using served = await serveRoutes(
      (shutdown) => ({
        '/': atomic(
          async () => {
            ended.resolve(await shutdown().shutdown());
          },
          { name: 'restart' },
        ),
      }),
      { timeout: 50 },
    );
    const answer = fetchFrom(served, '/').catch(() => 'cut off');
    const report = await promptly(ended.promise);
    expect(await answer).toBe('cut off');
    expect(report.abandoned).toMatchObject([{ name: 'restart' }]);
    expect(report.destroyedResponses).toEqual([{ method: 'GET', url: '/' }]);
    await until(() => errors.calls.length > 0);
    expect(errors.calls).toEqual([
      [expect.stringMatching(/job 1 restart has ended when the shutdown was over.*from/)],
    ]);
    expect(process.exitCode).toBe(1);
  });

  it('of a job: the bounds end it, and the report names the job', async () => {
    using errors = printed();
    const ended = deferred<ShutdownReport>();
    await using served = await serveRoutes(
      (shutdown) => ({
        '/': async (request, response) => {
          await spawn(request, async () => ended.resolve(await shutdown().shutdown()), {
            name: 'restart',
          });
          response.end();
        },
      }),
      { timeout: 50 },
    );
    await fetchFrom(served, '/');
    const report = await promptly(ended.promise);
    expect(report).toEqual({
      ...nothing,
      abandoned: [expect.objectContaining({ name: 'restart' })],
    });
    await until(() => errors.calls.length > 0);
    expect(errors.calls).toEqual([
      [expect.stringMatching(/job 1 restart has ended when the shutdown was over.*from/)],
    ]);
    expect(process.exitCode).toBe(1);
  });

  it.each(['job', 'after', 'atomic'])(
    'of a job that waits for nothing else is no "Job closing timed out": %s',
    async (kind) => {
      const told: string[] = [];
      const scheduler = new Scheduler({
        closeTimeout: 20,
        exceptionHandler: ({ message }) => void told.push(message),
      });
      const ended = deferred();
      const wait = async (): Promise<void> => {
        await handle.shutdown();
        ended.resolve();
      };
      const kinds: Routes = {
        job: async (request, response) => {
          await spawn(request, wait);
          response.end();
        },
        after: (request, response) => {
          after(request, wait);
          response.end();
        },
        atomic: atomic(async (_request, response) => {
          response.end();
          await wait();
        }),
      };
      const listener = jobsListener(
        (request, response) => kinds[kind]?.(request, response),
        scheduler,
      );
      const server = createServer(listener);
      const logged: string[] = [];
      const handle = gracefulShutdown(server, {
        signals: [],
        timeout: 50,
        logger: {
          info: () => undefined,
          warn: () => undefined,
          error: (message) => void logged.push(message),
        },
      });
      await fetchFrom({ port: await listen(server) }, '/');
      await promptly(ended.promise);
      await until(() => logged.length > 0);
      expect(logged).toEqual([expect.stringContaining('has ended when the shutdown was over')]);
      expect(told).toEqual([]);
    },
  );

  it('does not hide a job that really has not settled in time', async () => {
    const told: string[] = [];
    const scheduler = new Scheduler({
      closeTimeout: 20,
      exceptionHandler: ({ message }) => void told.push(message),
    });
    const server = createServer();
    const handle = gracefulShutdown(server, { signals: [], timeout: 20, scheduler });
    scheduler.spawnNow(() => new Promise(() => undefined));
    await handle.shutdown();
    await until(() => told.length > 0);
    expect(told).toEqual(['Job closing timed out']);
  });
});

describe('a bad `from` of shutdown()', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['a number', 1],
    ['a text', 'job'],
    ['an object', {}],
    ['a promise', Promise.resolve()],
    ['a request that no jobs middleware has seen', { method: 'GET', url: '/', headers: {} }],
    ['an array with a bad entry', [null]],
    ['an array in an array', [[]]],
  ])('throws a TypeError that names it, and begins nothing: %s', async (_, from) => {
    await using served = await serve((_request, response) => response.end('ok'));
    const call = (): unknown => served.shutdown.shutdown({ from: from as never });
    expect(call).toThrow(TypeError);
    expect(call).toThrow(/`from`/);
    expect(served.shutdown.ready).toBe(true);
    expect(await fetchFrom(served, '/')).toMatchObject({ body: 'ok' });
  });

  it('throws as well when the shutdown is under way', async () => {
    await using served = await serve((_request, response) => response.end('ok'));
    const shutdown = served.shutdown.shutdown();
    expect(() => served.shutdown.shutdown({ from: null as never })).toThrow(TypeError);
    await shutdown;
  });
});
