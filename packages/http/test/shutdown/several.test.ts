import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  gracefulShutdown,
  jobsListener,
  Scheduler,
  type ShutdownOptions,
  spawn,
} from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { listen } from '@outlive/test-support/server';
import { promptly } from '@outlive/test-support/watched';
import { HeldWork } from '../support/held-work.ts';
import { route } from '../support/serve-jobs.ts';

keepExitCode();

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

const patient: ShutdownOptions = { signals: [], timeout: Infinity };

describe('gracefulShutdown() of several servers', () => {
  it('closes each, on schedulers of their own, and then calls onShutdown once', async () => {
    const works = [new HeldWork(), new HeldWork()];
    const servers = works.map((work) => createServer(jobsListener(route(work.routes))));
    const ended: string[] = [];
    const handle = gracefulShutdown(servers, {
      ...patient,
      onShutdown: () => void ended.push('shut'),
    });
    const ports = await Promise.all(servers.map(listen));
    for (const port of ports) await fetchFrom({ port }, '/job');
    const report = handle.shutdown();
    await until(() => servers.every(({ listening }) => !listening));
    works[1]?.release();
    await settled();
    expect(ended).toEqual([]);
    works[0]?.release();
    expect(await promptly(report)).toMatchObject({ completed: 2, abandoned: [], cancelled: [] });
    expect(ended).toEqual(['shut']);
    expect(process.exitCode).toBe(0);
  });

  it('on one scheduler: all of it is drained, and counted once', async () => {
    const scheduler = new Scheduler();
    const work = new HeldWork();
    const servers = [1, 2].map(() => createServer(jobsListener(route(work.routes), scheduler)));
    const handle = gracefulShutdown(servers, { ...patient, scheduler });
    const ports = await Promise.all(servers.map(listen));
    for (const port of ports) await fetchFrom({ port }, '/job');
    await scheduler.spawn(work.run('of no request'));
    const report = handle.shutdown();
    await until(() => servers.every(({ listening }) => !listening));
    await settled();
    work.release();
    expect(await promptly(report)).toMatchObject({ completed: 3, failed: 0, cancelled: [] });
    expect(scheduler.closed).toBe(true);
    expect(work.done).toHaveLength(3);
  });

  it('counts and names what each of them had to cut off', async () => {
    const scheduler = new Scheduler({ exceptionHandler: () => undefined });
    const work = new HeldWork();
    const servers = [1, 2].map(() => createServer(jobsListener(route(work.routes), scheduler)));
    const handle = gracefulShutdown(servers, { signals: [], timeout: 50, logger: silent });
    const ports = await Promise.all(servers.map(listen));
    for (const port of ports) await fetchFrom({ port }, '/job');
    const arrived = servers.map(async (server) => once(server, 'request'));
    const cut = ports.map((port) => fetchFrom({ port }, '/plain').catch(() => 'cut off'));
    await Promise.all(arrived);
    const report = await handle.shutdown();
    expect(await Promise.all(cut)).toEqual(['cut off', 'cut off']);
    expect(report.abandoned).toHaveLength(2);
    expect(report.destroyedResponses).toEqual([
      { method: 'GET', url: '/plain' },
      { method: 'GET', url: '/plain' },
    ]);
    expect(process.exitCode).toBe(1);
    work.release();
  });

  it('keeps a scheduler that a server outside shares', async () => {
    const scheduler = new Scheduler();
    const servers = [1, 2, 3].map(() => createServer());
    const [outside, ...inside] = servers as [Server, ...Server[]];
    const other = gracefulShutdown(outside, { signals: [], scheduler });
    const handle = gracefulShutdown(inside, { ...patient, scheduler });
    await Promise.all(servers.map(listen));
    await handle.shutdown();
    expect(scheduler.closed).toBe(false);
    await other.shutdown();
    expect(scheduler.closed).toBe(true);
  });

  it('takes a handler or request of any of them for `from`', async () => {
    const handlers = [1, 2].map(() =>
      jobsListener(async (request, response) => {
        const job = await spawn(request, async (self) =>
          handle.shutdown({ from: [self, request] }),
        );
        response.end(JSON.stringify((await job.wait()).abandoned));
      }),
    );
    const servers = handlers.map((handler) => createServer(handler));
    const handle = gracefulShutdown(servers, patient);
    const ports = await Promise.all(servers.map(listen));
    const answer = fetchFrom({ port: ports[1] ?? 0 }, '/');
    expect(await promptly(answer)).toMatchObject({ body: '[]' });
    await promptly(handle.shutdown());
  });

  it('takes the same server twice once', async () => {
    const server = createServer((_request, response) => response.end());
    let closes = 0;
    server.on('close', () => {
      closes += 1;
    });
    const app = {
      server,
      close: () =>
        new Promise((resolve) => {
          server.close(resolve);
        }),
    };
    const handle = gracefulShutdown([server, app, server], patient);
    await listen(server);
    await promptly(handle.shutdown());
    expect(closes).toBe(1);
  });

  it('ends where none of them has listened', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(() => sleep(10));
    const handle = gracefulShutdown([createServer(), createServer()], { ...patient, scheduler });
    expect(await promptly(handle.shutdown())).toMatchObject({ completed: 1 });
    expect(job.outcome).toBe('completed');
  });

  it('refuses an empty array, and one with something else in it, before anything has changed', () => {
    const server = createServer();
    const before = process.listenerCount('SIGTERM');
    expect(() => gracefulShutdown([])).toThrow(TypeError);
    expect(() => gracefulShutdown([server, {} as never])).toThrow(/`server`/);
    expect(process.listenerCount('SIGTERM')).toBe(before);
    expect(Object.keys(server)).not.toContain('emit');
    expect(Object.hasOwn(server, 'emit')).toBe(false);
  });
});

describe('two handles of one server', () => {
  it('end it once, and each has its report and its onShutdown', async () => {
    const work = new HeldWork();
    const server = createServer(jobsListener(route(work.routes)));
    const shut: number[] = [];
    const handles = [0, 1].map((index) =>
      gracefulShutdown(server, { ...patient, onShutdown: () => void shut.push(index) }),
    );
    const port = await listen(server);
    await fetchFrom({ port }, '/job');
    const reports = handles.map(async (handle) => handle.shutdown());
    await until(() => !server.listening);
    await settled();
    expect(shut).toEqual([]);
    work.release();
    const [first, second] = await promptly(Promise.all(reports));
    expect(first).toMatchObject({ completed: 1 });
    expect(second).toMatchObject({ completed: 1 });
    expect(new Set(shut)).toEqual(new Set([0, 1]));
    expect(Object.hasOwn(server, 'emit')).toBe(false);
  });
});
