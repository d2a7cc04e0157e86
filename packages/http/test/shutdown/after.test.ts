import { createServer, type IncomingMessage } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  after,
  atomic,
  gracefulShutdown,
  jobsListener,
  Scheduler,
  type ShutdownHandle,
  type ShutdownReport,
  spawn,
} from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { until } from '@outlive/test-support/conditions';
import { fakeTimers } from '@outlive/test-support/fake-timers';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { listen } from '@outlive/test-support/server';
import { promptly, watched } from '@outlive/test-support/watched';
import { type Routes, route } from '../support/serve-jobs.ts';
import { serve } from '../support/shutdown.ts';

keepExitCode();

/** What `after` jobs did, and whether they had been cancelled when they began. */
let told: [what: string, aborted: boolean][] = [];
beforeEach(() => {
  told = [];
});

function tellAfter(request: IncomingMessage, took = 0): void {
  after(
    request,
    async ({ signal }) => {
      const { aborted } = signal;
      await sleep(took);
      told.push(['after', aborted]);
    },
    { name: 'after' },
  );
}

const scheduler = (closeTimeout = 5_000): Scheduler =>
  new Scheduler({ closeTimeout, exceptionHandler: () => undefined });

/** An event stream that nothing ends. */
const events: Routes[string] = (request, response) => {
  tellAfter(request, 10);
  response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
};

const endless: Routes[string] = (request, response) => {
  after(request, () => new Promise(() => undefined), { name: 'endless' });
  after(request, async ({ signal }) => sleep(60_000, undefined, { signal }), { name: 'obeys' });
  response.write('begun');
};

/** A server whose shutdown gives so many ms of grace, and a client that has sent a request to it. */
async function asked(
  handler: Routes[string],
  jobs: Scheduler,
  timeout: number,
): Promise<{ handle: ShutdownHandle; client: Client }> {
  const server = createServer(jobsListener(route({ '/': handler }), jobs));
  const handle = gracefulShutdown(server, { signals: [], timeout });
  const client = new Client({ port: await listen(server) });
  client.send('GET', '/');
  return { handle, client };
}

const hung: Routes[string] = async (request, response) => {
  await spawn(request, () => new Promise(() => undefined), { name: 'hung' });
  await events(request, response);
};

/** Begins a shutdown and lets its grace be over; what follows has come to pass before its jobs run out of time. */
async function afterGrace(
  handle: ShutdownHandle,
  grace: number,
  hasFollowed: () => boolean,
): Promise<ShutdownReport> {
  using timers = fakeTimers();
  const report = watched(handle.shutdown());
  await timers.after(grace);
  await until(hasFollowed);
  while (!report.over) await timers.after(100);
  return await report.promise;
}

describe('at the end of the grace, an `after` job', () => {
  it('runs to its end when its open response is cut off', async () => {
    const { handle, client: opened } = await asked(events, scheduler(), 50);
    using client = opened;
    await client.answers(1, 'data: 1');
    const report = await promptly(handle.shutdown());
    expect(told).toEqual([['after', false]]);
    expect(report).toMatchObject({ completed: 1, neverStarted: [], cancelled: [], abandoned: [] });
    expect(report.destroyedResponses).toEqual([{ method: 'GET', url: '/' }]);
    expect(process.exitCode).toBe(1);
  });

  it('runs also when an atomic handler streams on and ignores that it is cancelled', async () => {
    const stream = atomic(async (request: IncomingMessage, response) => {
      await events(request, response);
      await new Promise(() => undefined);
    });
    const { handle, client: opened } = await asked(stream, scheduler(200), 50);
    using client = opened;
    await client.answers(1, 'data: 1');
    const report = await afterGrace(handle, 50, () => told.length > 0);
    expect(told).toEqual([['after', false]]);
    expect(report.abandoned).toHaveLength(1);
  });

  it('lets a cancelled handler answer first, and runs then', async () => {
    const slow = atomic(async (request: IncomingMessage, response) => {
      tellAfter(request);
      const { signal } = [...listener.scheduler][0] as { signal: AbortSignal };
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
      response.end();
    });
    const listener = jobsListener(route({ '/': slow }), scheduler());
    const server = createServer(listener);
    const handle = gracefulShutdown(server, { signals: [], timeout: 50 });
    const answer = fetchFrom({ port: await listen(server) }, '/');
    await until(() => listener.scheduler.size === 2);
    const report = await promptly(handle.shutdown());
    expect((await answer).status).toBe(503);
    expect(told).toHaveLength(1);
    expect(report).toMatchObject({ completed: 1, destroyedResponses: [] });
  });

  it('runs over HTTP/2, where only its own stream is cut off', async () => {
    const listener = jobsListener(route({ '/': events }), scheduler());
    const server = createHttp2Server((request, response) => {
      listener(request as never, response as never);
    });
    const handle = gracefulShutdown(server, { signals: [], timeout: 50 });
    const session = connectHttp2(`http://127.0.0.1:${await listen(server)}`);
    session.on('error', () => undefined);
    const stream = session.request({ ':path': '/' });
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.once('data', resolve));
    const report = await promptly(handle.shutdown());
    expect(told).toEqual([['after', false]]);
    expect(report).toMatchObject({
      completed: 1,
      destroyedResponses: [{ method: 'GET', url: '/' }],
    });
    session.destroy();
  });

  it('stands in the report if it does not end', async () => {
    const jobs = scheduler(50);
    const { handle, client: opened } = await asked(endless, jobs, 50);
    using client = opened;
    await client.answers(1, 'begun');
    const report = await afterGrace(handle, 50, () => jobs.activeCount === 2);
    expect(report.abandoned).toMatchObject([{ name: 'endless' }]);
    expect(report.cancelled).toMatchObject([{ name: 'obeys' }]);
  });

  it('has a slot although others ignore that they are cancelled, or is reported', async () => {
    const one = new Scheduler({ limit: 1, closeTimeout: 50, exceptionHandler: () => undefined });
    const { handle, client: opened } = await asked(hung, one, 50);
    using client = opened;
    await client.answers(1, 'data: 1');
    const report = await promptly(handle.shutdown());
    expect(report.abandoned).toMatchObject([{ name: 'hung' }]);
    expect(report.neverStarted).toMatchObject([{ name: 'after' }]);
  });

  it('runs where there is no grace at all', async () => {
    const { handle, client: opened } = await asked(events, scheduler(), 0);
    using client = opened;
    await client.answers(1, 'data: 1');
    await promptly(handle.shutdown());
    expect(told).toEqual([['after', false]]);
  });
});

describe('an `after` job of an upgraded request', () => {
  it('does not hold the grace: its socket is cut off when all else has ended, and it runs', async () => {
    const listener = jobsListener((_request, response) => response.end(), scheduler(100));
    const server = createServer(listener);
    server.on('upgrade', (request, socket: Socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      socket.on('error', () => undefined);
      // Longer than `closeTimeout`, shorter than what is left of the grace.
      tellAfter(request, 200);
    });
    const handle = gracefulShutdown(server, { signals: [], timeout: 600_000 });
    const port = await listen(server);
    await fetchFrom({ port }, '/');
    using client = new Client({ port });
    client.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await client.answers(1);
    const report = await promptly(handle.shutdown());
    expect(told).toEqual([['after', false]]);
    expect(report).toMatchObject({ completed: 1, cancelled: [], destroyedResponses: [] });
    expect(process.exitCode).toBe(0);
  });
});

/** Resolves when the socket of the request has closed. */
const connectionOver = async ({ socket }: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });

describe('a job that lasts as long as its connection', () => {
  it('ends by itself at the end of the grace, upgraded or not, since that is cut off first', async () => {
    const listener = jobsListener(
      async (request, response) => {
        await spawn(request, () => connectionOver(request));
        response.write('begun');
      },
      // Far longer than they take to hear of it.
      new Scheduler({ closeTimeout: 60_000 }),
    );
    const server = createServer(listener);
    server.on('upgrade', (request, socket: Socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      socket.on('error', () => undefined);
      void spawn(request, () => connectionOver(request));
    });
    const handle = gracefulShutdown(server, { signals: [], timeout: 100 });
    const port = await listen(server);
    using stream = new Client({ port });
    using upgraded = new Client({ port });
    stream.send('GET', '/');
    await stream.answers(1, 'begun');
    upgraded.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await upgraded.answers(1);
    const report = await promptly(handle.shutdown());
    expect(report).toMatchObject({ completed: 2, cancelled: [], abandoned: [] });
    expect(report.destroyedResponses).toEqual([{ method: 'GET', url: '/' }]);
  });
});

describe('a request that waits for the shutdown and has `after` jobs', () => {
  it.each(['atomic', 'plain'])('is not held by them, which are reported: %s', async (kind) => {
    const restart = async (
      request: IncomingMessage,
      response: import('node:http').ServerResponse,
    ) => {
      tellAfter(request);
      const report = await handle().shutdown({ from: request });
      response.end(String(report.neverStarted.length));
    };
    const handler = kind === 'atomic' ? atomic(restart) : restart;
    const handle = (): ShutdownHandle => served.shutdown;
    await using served = await serve(route({ '/': handler }), { timeout: Infinity });
    expect(await promptly(fetchFrom(served, '/'))).toMatchObject({ body: '1' });
  });
});
