import { getEventListeners, once } from 'node:events';
import { channel } from 'node:diagnostics_channel';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gracefulShutdown, type JobContext, jobsListener, Scheduler } from '@outlive/http';
import { inspector } from '@outlive/inspector';
import { fetchFrom } from '@outlive/test-support/client';
import { until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { closeServer, listen } from '@outlive/test-support/server';
import { Stream } from './support/stream.ts';

keepExitCode();

const authorize = (): boolean => true;

function fullScheduler(): Scheduler {
  return new Scheduler({ limit: 1, pendingLimit: Infinity });
}

async function untilCancelled({ signal }: JobContext): Promise<void> {
  await once(signal, 'abort');
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
}

it('holds a timer and subscriptions only while a page is open', async () => {
  const scheduler = new Scheduler();
  const page = inspector(scheduler, { authorize });
  const server = createServer((req, res) => page(req, res));
  const port = await listen(server);
  const starts = channel('outlive:job:start');
  const listeners = (): number => getEventListeners(scheduler.drainSignal, 'abort').length;
  expect([starts.hasSubscribers, listeners()]).toEqual([false, 0]);

  const before = timers();
  const first = await Stream.open({ port });
  const second = await Stream.open({ port });
  expect([starts.hasSubscribers, listeners()]).toEqual([true, 1]);
  first[Symbol.dispose]();
  second[Symbol.dispose]();
  await until(() => !starts.hasSubscribers);
  expect(listeners()).toBe(0);
  await until(() => timers() <= before);
  await closeServer(server);
});

it('an open page is no part of a shutdown: nothing is destroyed, and it takes no time', async () => {
  const app = jobsListener((_req, res) => void res.end('ok'));
  const page = inspector(app.scheduler, { authorize });
  const server = createServer((req, res) => {
    if (req.url?.startsWith('/_jobs') === true) page(req, res);
    else app(req, res);
  });
  const port = await listen(server);
  const shutdown = gracefulShutdown(server, {
    scheduler: app.scheduler,
    signals: [],
    timeout: 60_000,
  });
  using stream = await Stream.open({ port });
  const startedAt = performance.now();
  const [report] = await Promise.all([shutdown.shutdown(), stream.ended()]);
  expect(report.destroyedResponses).toEqual([]);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

it('a drain of a scheduler whose server goes on leaves the page open, and it says so', async () => {
  const scheduler = new Scheduler();
  const page = inspector(scheduler, { authorize });
  const server = createServer((req, res) => page(req, res));
  const port = await listen(server);
  using stream = await Stream.open({ port });
  const work = deferred();
  await scheduler.spawn(() => work.promise);
  const drained = scheduler.drain();
  await stream.has(() => stream.last.counts[0]?.draining === true);
  work.resolve();
  await drained;
  await stream.has(() => stream.last.counts[0]?.draining === false);
  await closeServer(server);
});

it('queues nothing for a client that does not read', async () => {
  const scheduler = fullScheduler();
  for (let index = 0; index < 100; index += 1) {
    scheduler.spawnNow(untilCancelled, { name: 'x'.repeat(200) });
  }
  const page = inspector(scheduler, { authorize });
  const responses: ServerResponse[] = [];
  const server = createServer({ highWaterMark: 1_024 }, (req, res) => {
    responses.push(res);
    page(req, res);
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  const slow = request({ host: '127.0.0.1', port, path: '/events', agent: false }).end();
  const [answer] = (await once(slow, 'response')) as [NodeJS.ReadableStream];
  answer.pause();
  const [response] = responses;
  if (response === undefined) throw new Error('there is no response');
  // As a socket is whose other side takes nothing.
  response.socket?.cork();
  const writes = jest.spyOn(response, 'write');
  using other = await Stream.open({ port });
  await other.has(() => response.writableNeedDrain);
  const sent = writes.mock.calls.length;
  const seen = other.updates.length;
  await other.has(() => other.updates.length >= seen + 3);
  expect(writes.mock.calls.length).toBe(sent);
  slow.destroy();
  other[Symbol.dispose]();
  await closeServer(server);
  await scheduler.close();
});

it('one snapshot of the jobs serves all pages, a window of it each', async () => {
  const scheduler = fullScheduler();
  for (let index = 0; index < 10_000; index += 1) {
    scheduler.spawnNow(untilCancelled, { name: `job ${index}` });
  }
  const page = inspector(scheduler, { authorize });
  const server = createServer((req, res) => page(req, res));
  const port = await listen(server);
  using all = await Stream.open({ port });
  using some = await Stream.open({ port }, '?search=JOB%2099&sort=name&offset=25');
  expect(all.last.table).toMatchObject({
    matching: 10_000,
    byState: { pending: 9_999, active: 1, closing: 0 },
  });
  expect(all.last.table?.rows.length).toBe(25);
  expect(JSON.stringify(all.last).length).toBeLessThan(20_000);
  expect(some.last.table).toMatchObject({ matching: 111, offset: 25 });
  expect(some.last.table?.rows[0]?.name).toMatch(/^job 99/);
  all[Symbol.dispose]();
  some[Symbol.dispose]();
  await closeServer(server);
  await scheduler.close();
});

it('a page has to ask anew after half a minute, so that who may see it no more does not', async () => {
  let allowed = true;
  const page = inspector(new Scheduler(), { authorize: () => allowed });
  const server = createServer((req, res) => page(req, res));
  const port = await listen(server);
  const stream = await Stream.open({ port });
  allowed = false;
  const now = performance.now.bind(performance);
  const clock = jest.spyOn(performance, 'now');
  clock.mockImplementation(() => now() + 30_001);
  await stream.has(() => stream.isOver);
  const seen = stream.updates.length;
  clock.mockImplementation(() => now() + 35_500);
  await stream.ended();
  clock.mockRestore();
  expect(stream.updates.length).toBe(seen);
  const again = await fetchFrom({ port }, '/events');
  expect(again.status).toBe(403);
  await closeServer(server);
});

it('each copy of the package notes all failures', async () => {
  const scheduler = new Scheduler({ exceptionHandler: () => undefined });
  const copies: (typeof inspector)[] = [inspector];
  jest.isolateModules(() => {
    copies.push(
      jest.requireActual<typeof import('@outlive/inspector')>('@outlive/inspector').inspector,
    );
  });
  expect(copies[1]).not.toBe(inspector);
  const servers = copies.map((copy) => {
    const page = copy(scheduler, { authorize });
    return createServer((req, res) => page(req, res));
  });
  const ports = await Promise.all(servers.map(async (server) => listen(server)));
  await scheduler.spawn(() => Promise.reject(new Error('no')), { name: 'fails' });
  for (const port of ports) {
    using stream = await Stream.open({ port });
    await stream.has(() => stream.last.failures?.[0]?.[0]?.name === 'fails');
  }
  for (const server of servers) await closeServer(server);
});
