import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { drainOnClose, jobsListener, Scheduler } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { settled } from '@outlive/test-support/conditions';
import { promptly, watched } from '@outlive/test-support/watched';
import { HeldWork } from '../support/held-work.ts';
import { route, serve, serveJobs } from '../support/serve-jobs.ts';

function close(server: Server): Promise<unknown> {
  const closed = once(server, 'close');
  server.close();
  return closed;
}

describe('a server whose scheduler it is not', () => {
  it('neither waits for jobs without a request nor cancels them', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes, { waitTimeout: 0 });
    await fetchFrom(serving, '/quick');
    const job = serving.scheduler.spawnNow(work.run('own'));
    await promptly(close(serving.server));
    expect(job.state).toBe('active');
    work.release();
    await job.wait();
    expect(work.done).toEqual(['own']);
  });

  it('neither waits for the jobs of another server nor cancels them', async () => {
    const [work, other] = [new HeldWork(), new HeldWork()];
    await using scheduler = new Scheduler();
    await using serving = await serveJobs(work.routes, { scheduler, drainOnClose: true });
    await using second = await serveJobs(other.routes, scheduler);
    await fetchFrom(serving, '/job');
    await fetchFrom(second, '/job');
    work.release();
    await promptly(close(serving.server));
    expect([work.done, other.done]).toEqual([['job'], []]);
    const closing = watched(close(second.server));
    await settled();
    expect(closing.over).toBe(false);
    other.release();
    await promptly(closing.promise);
    expect(other.done).toEqual(['job']);
  });

  it('leaves it usable', async () => {
    await using scheduler = new Scheduler();
    await using serving = await serveJobs(new HeldWork().routes, scheduler);
    await fetchFrom(serving, '/quick');
    await promptly(close(serving.server));
    expect(await scheduler.spawnNow(() => 'ran').wait()).toBe('ran');
  });

  it('waits for the jobs of each of several schedulers', async () => {
    const [work, other] = [new HeldWork(), new HeldWork()];
    const outer = jobsListener(route(work.routes));
    const inner = jobsListener(route(other.routes));
    const server = createServer((request, response) => {
      (request.headers.host === 'inner' ? inner : outer)(request, response);
    });
    await using serving = await serve(server, outer.scheduler, inner.scheduler);
    await fetchFrom(serving, '/job');
    await fetchFrom(serving, '/job', { headers: { host: 'inner' } });
    const closing = watched(close(server));
    work.release();
    await outer.scheduler.idle();
    await settled();
    expect(closing.over).toBe(false);
    other.release();
    await promptly(closing.promise);
    expect([work.done, other.done]).toEqual([['job'], ['job']]);
  });
});

/** Two that are tied to one scheduler, with a job of a request of each and one without. */
async function tied() {
  const works = [new HeldWork(), new HeldWork(), new HeldWork()] as const;
  const scheduler = new Scheduler();
  const [first, second] = await Promise.all(
    [works[0], works[1]].map(async (work) => {
      const server = createServer(jobsListener(route(work.routes), scheduler));
      drainOnClose(server, scheduler);
      return serve(server, scheduler);
    }),
  );
  if (first === undefined || second === undefined) throw new Error('not served');
  await fetchFrom(first, '/job');
  await fetchFrom(second, '/job');
  scheduler.spawnNow(works[2].run('own'));
  return {
    first,
    second,
    works,
    [Symbol.asyncDispose]: async () => {
      for (const work of works) work.release();
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}

describe('drainOnClose(server, scheduler)', () => {
  it('makes the close wait for all that the scheduler runs', async () => {
    const work = new HeldWork();
    await using scheduler = new Scheduler();
    const server = createServer();
    drainOnClose(server, scheduler);
    await using serving = await serve(server, scheduler);
    scheduler.spawnNow(work.run('own'));
    const closing = watched(close(serving.server));
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
    expect(work.done).toEqual(['own']);
    expect(scheduler.closed).toBe(false);
  });

  it('has its options bound the wait', async () => {
    await using scheduler = new Scheduler();
    const server = createServer();
    drainOnClose(server, scheduler, { timeout: 0, closeTimeout: 10_000 });
    await using serving = await serve(server);
    const job = scheduler.spawnNow(
      ({ signal }) =>
        new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    );
    await promptly(close(serving.server));
    expect(job.outcome).toBe('completed');
  });

  describe('with several servers', () => {
    it('makes each wait for the jobs of its own requests, and the last to close for the rest', async () => {
      await using servers = await tied();
      const { first, second, works } = servers;
      const firstClosing = watched(close(first.server));
      await settled();
      expect(firstClosing.over).toBe(false);
      works[0].release();
      await promptly(firstClosing.promise);

      const secondClosing = watched(close(second.server));
      works[1].release();
      await settled();
      expect(secondClosing.over).toBe(false);
      works[2].release();
      await promptly(secondClosing.promise);
    });

    it('does so as well when they close at once', async () => {
      await using servers = await tied();
      const { first, second, works } = servers;
      const [firstClosing, secondClosing] = [close(first.server), close(second.server)].map(
        watched,
      );
      works[0].release();
      await promptly(firstClosing?.promise ?? Promise.reject(new Error('none')));
      works[1].release();
      await settled();
      expect(secondClosing?.over).toBe(false);
      works[2].release();
      await promptly(secondClosing?.promise ?? Promise.reject(new Error('none')));
    });

    it('counts one that never listened for none', async () => {
      await using scheduler = new Scheduler();
      const work = new HeldWork();
      const server = createServer();
      for (const each of [server, createServer()]) drainOnClose(each, scheduler);
      await using serving = await serve(server);
      scheduler.spawnNow(work.run('own'));
      const closing = watched(close(serving.server));
      await settled();
      expect(closing.over).toBe(false);
      work.release();
      await promptly(closing.promise);
    });
  });

  test.each([
    ['undefined', undefined],
    ['a listener', () => {}],
    ['a scheduler', new Scheduler()],
  ])('throws a TypeError for %s in place of a server', (_name, server) => {
    expect(() => {
      drainOnClose(server as unknown as Server, new Scheduler());
    }).toThrow(TypeError);
  });

  it('throws for a bad scheduler or bad options, and hooks nothing', () => {
    const server = createServer();
    expect(() => {
      drainOnClose(server, {} as Scheduler);
    }).toThrow(TypeError);
    expect(() => {
      drainOnClose(server, new Scheduler(), { timeout: -1 });
    }).toThrow(RangeError);
    expect(Object.hasOwn(server, 'close')).toBe(false);
  });
});
