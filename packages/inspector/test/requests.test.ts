import { createServer } from 'node:http';
import { after, atomic, jobsListener, spawn } from '@outlive/http';
import { inspector } from '@outlive/inspector';
import { deferred } from '@outlive/test-support/deferred';
import { fetchFrom } from '@outlive/test-support/client';
import { until } from '@outlive/test-support/conditions';
import { closeServer, listen } from '@outlive/test-support/server';
import { Stream } from './support/stream.ts';

it('names the request of each job: spawned, pending, atomic, and after the response', async () => {
  const work = deferred();
  const wait = (): Promise<void> => work.promise;
  const handle = atomic(async (_req, res) => {
    await work.promise;
    res.end();
  });
  const app = jobsListener(
    async (req, res) => {
      if (req.url === '/atomic') return handle(req, res);
      if (req.url === '/after') after(req, wait, { name: 'after' });
      else await spawn(req, wait, { name: 'spawned' });
      return res.end();
    },
    { limit: 2 },
  );
  const page = inspector(app.scheduler, { authorize: () => true });
  const server = createServer((req, res) =>
    req.url?.startsWith('/_jobs') === true ? page(req, res) : app(req, res),
  );
  const port = await listen(server);
  const answered = fetchFrom({ port }, '/atomic', { method: 'PUT' });
  await until(() => app.scheduler.activeCount === 1);
  await fetchFrom({ port }, '/spawned?a=1', { method: 'POST' });
  await fetchFrom({ port }, '/pending');
  await fetchFrom({ port }, '/after');
  using stream = await Stream.open({ port });
  await stream.has(() => stream.last.table?.matching === 4);
  expect(stream.last.table?.rows.map(({ state, request }) => [state, request])).toEqual([
    ['active', 'PUT /atomic'],
    ['active', 'POST /spawned?a=1'],
    ['pending', 'GET /pending'],
    ['pending', 'GET /after'],
  ]);
  work.resolve();
  await answered;
  stream[Symbol.dispose]();
  await closeServer(server);
});

it('charts what started and ended, and how long it had waited', async () => {
  const app = jobsListener((_req, res) => void res.end());
  const page = inspector(app.scheduler, { authorize: () => true });
  const server = createServer((req, res) => page(req, res));
  const port = await listen(server);
  using stream = await Stream.open({ port });
  await stream.has(() => stream.last.samples !== undefined);
  const work = deferred();
  const job = await app.scheduler.spawn(() => undefined, { after: work.promise });
  work.resolve();
  await job.wait();
  await app.scheduler.spawn(() => undefined);
  const samples = () => stream.updates.flatMap((update) => update.samples?.[0] ?? []);
  await stream.has(() => samples().some(({ completed }) => completed > 0));
  const busy = samples().find(({ completed }) => completed > 0);
  expect(busy?.waitMedian).toBeGreaterThanOrEqual(0);
  expect(stream.last.counts[0]).toMatchObject({ completed: 2, failed: 0 });
  stream[Symbol.dispose]();
  await closeServer(server);
});
