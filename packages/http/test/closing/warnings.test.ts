import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { drainOnClose, gracefulShutdown, jobsListener, Scheduler, spawn } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { listen } from '@outlive/test-support/server';
import { warnings } from '@outlive/test-support/warnings';
import { hasNoConnections } from '../support/closes-itself.ts';
import { after, fakeTimers } from '../support/fake-timers.ts';
import { HeldWork } from '../support/held-work.ts';
import { type Routes, route, serve, serveJobs, type Serving } from '../support/serve-jobs.ts';

fakeTimers();
keepExitCode();

/** A server with a scheduler that drainOnClose() has attached to it. */
async function serveAttached(routes: Routes): Promise<Serving> {
  const scheduler = new Scheduler();
  const server = createServer(jobsListener(route(routes), scheduler));
  drainOnClose(server, scheduler);
  return serve(server, scheduler);
}

/** When nothing but jobs holds the close of a server any more. */
async function connectionsEnded(server: Server): Promise<void> {
  await until(() => hasNoConnections(server));
  await settled();
}

describe('a close that is held for a second', () => {
  it('is warned of, with the names of the jobs and what turns the hold off', async () => {
    using seen = warnings();
    const work = new HeldWork();
    await using serving = await serveJobs({
      ...work.routes,
      '/nameless': async (request, response) => {
        await spawn(request, work.run('nameless'));
        response.end();
      },
    });
    await fetchFrom(serving, '/job');
    await fetchFrom(serving, '/nameless');
    const closing = once(serving.server.close(), 'close');
    await connectionsEnded(serving.server);
    await after(999);
    expect(seen.all).toEqual([]);
    await after(1);
    expect(seen.all).toMatchObject([{ name: 'OutliveWarning', code: 'OUTLIVE_HELD_CLOSE' }]);
    expect(seen.all[0]?.message).toMatch(/: held, job 2\. .*`drainOnClose: false`/);
    work.release();
    await closing;
  });

  it('is warned of once, however long and however often it is held', async () => {
    using seen = warnings();
    const work = [new HeldWork(), new HeldWork()] as const;
    let round = 0;
    await using serving = await serveJobs({
      '/job': (request, response) => (work[round] as HeldWork).job(request, response),
    });
    const { server } = serving;
    for (; round < work.length; round += 1) {
      const port = server.listening ? serving.port : await listen(server);
      await fetchFrom({ port }, '/job');
      const closing = once(server.close(), 'close');
      await connectionsEnded(server);
      await after(5_000);
      work[round]?.release();
      await closing;
    }
    expect(seen.all).toHaveLength(1);
  });

  it('is not warned of when the jobs settle earlier', async () => {
    using seen = warnings();
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    await fetchFrom(serving, '/job');
    const closing = once(serving.server.close(), 'close');
    await settled();
    await after(999);
    work.release();
    await closing;
    await after(5_000);
    expect(seen.all).toEqual([]);
  });

  it('is not warned of while a response keeps the server open', async () => {
    using seen = warnings();
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    const answer = fetchFrom(serving, '/plain');
    await work.entered.promise;
    const closing = once(serving.server.close(), 'close');
    await after(5_000);
    work.release();
    await answer;
    await closing;
    expect(seen.all).toEqual([]);
  });

  it('is not warned of where drainOnClose() asked for it', async () => {
    using seen = warnings();
    const work = new HeldWork();
    await using scheduler = new Scheduler();
    const server = createServer(jobsListener(route(work.routes), scheduler));
    drainOnClose(server, scheduler);
    await using serving = await serve(server);
    await fetchFrom(serving, '/job');
    const closing = once(server.close(), 'close');
    await settled();
    await after(5_000);
    work.release();
    await closing;
    expect(seen.all).toEqual([]);
  });
});

describe('a close that only atomic handlers keep from ending, where drainOnClose() asked for the hold', () => {
  it('is warned of, since one of them may wait for it', async () => {
    using seen = warnings();
    const work = new HeldWork();
    await using serving = await serveAttached(work.routes);
    const answer = fetchFrom(serving, '/atomic');
    await work.entered.promise;
    const closing = once(serving.server.close(), 'close');
    await settled();
    await after(999);
    expect(seen.all).toEqual([]);
    await after(1);
    expect(seen.all).toMatchObject([{ name: 'OutliveWarning', code: 'OUTLIVE_HELD_CLOSE' }]);
    expect(seen.all[0]?.message).toMatch(/\(GET \/atomic\).*shutdown\(\{ from \}\)/);
    expect(seen.all[0]?.message).not.toContain('drainOnClose');
    work.release();
    await answer;
    await closing;
  });

  it.each(['/job', '/shield', '/plain'])(
    'is not warned of while %s goes on as well',
    async (other) => {
      using seen = warnings();
      const [work, more] = [new HeldWork(), new HeldWork()];
      await using serving = await serveAttached({ ...more.routes, '/atomic': work.atomic });
      const answers = ['/atomic', other].map(async (path) => fetchFrom(serving, path));
      await Promise.all([work.entered.promise, more.entered.promise]);
      await settled();
      const closing = once(serving.server.close(), 'close');
      await settled();
      await after(5_000);
      expect(seen.all).toEqual([]);
      work.release();
      more.release();
      await Promise.all(answers);
      await closing;
    },
  );

  it('is not warned of in a shutdown, which has its bound', async () => {
    using seen = warnings();
    const work = new HeldWork();
    const listener = jobsListener(route(work.routes));
    await using serving = await serve(createServer(listener), listener.scheduler);
    const shutdown = gracefulShutdown(serving.server, { signals: [] });
    const answer = fetchFrom(serving, '/atomic');
    await work.entered.promise;
    const report = shutdown.shutdown();
    await settled();
    await after(5_000);
    work.release();
    await answer;
    await report;
    expect(seen.all).toEqual([]);
  });
});

describe('a job that is spawned by a response that keeps a server open for long', () => {
  it('is warned of a second after it has come to be all that holds the close', async () => {
    using seen = warnings();
    const [work, job] = [new HeldWork(), new HeldWork()];
    await using serving = await serveJobs({
      '/': async (request, response) => {
        await work.run('answered')();
        await job.job(request, response);
      },
    });
    const answer = fetchFrom(serving, '/');
    await work.entered.promise;
    const closing = once(serving.server.close(), 'close');
    await after(5_000);
    work.release();
    await answer;
    await connectionsEnded(serving.server);
    await after(999);
    expect(seen.all).toEqual([]);
    await after(1);
    expect(seen.all).toHaveLength(1);
    job.release();
    await closing;
  });
});
