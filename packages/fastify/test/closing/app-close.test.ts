/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify waits for them */
import { createServer, type RequestListener } from 'node:http';
import { atomic, jobsPlugin, requestSignal, Scheduler, spawn } from '@outlive/fastify';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { aborted, settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { fakeTimers } from '@outlive/test-support/fake-timers';
import { versions } from '../support/versions.ts';

interface Closing {
  readonly app: FastifyInstance;
  /** What has happened so far. */
  readonly events: string[];
  readonly release: () => void;
}

/** How a Fastify app closes around its jobs. */
describe.each(versions)('%s', (_name, framework) => {
  /** An app with a job that uses what a child plugin has opened. */
  async function withJob(listen: boolean, options: FastifyServerOptions): Promise<Closing> {
    const events: string[] = [];
    const gate = deferred();
    const app = framework(options);
    await app.register(jobsPlugin);
    await app.register(async (child) => {
      let open = true;
      child.addHook('onClose', async () => {
        open = false;
        events.push('database closed');
      });
      child.post('/', async (request) => {
        await spawn(request, async () => {
          await gate.promise;
          events.push(`job sees the database ${open ? 'open' : 'closed'}`);
        });
        return 'spawned';
      });
    });
    if (listen) await app.listen({ port: 0, host: '127.0.0.1' });
    await app.inject({ method: 'POST', url: '/' });
    return { app, events, release: gate.resolve };
  }

  describe.each([
    ['listens', true, {}],
    ['has only seen inject()', false, {}],
    [
      'has only seen inject(), with a server that Fastify does not close',
      false,
      { serverFactory: (handler: RequestListener) => createServer(handler) },
    ],
  ] as const)('close() of an app that %s', (_, listen, options) => {
    it('waits for jobs before it takes a plugin’s resources away, and resolves to undefined', async () => {
      const { app, events, release } = await withJob(listen, options);
      let isClosed = false;
      const closing = Promise.resolve(app.close()).finally(() => {
        isClosed = true;
      });
      await settled();
      expect([isClosed, events]).toEqual([false, []]);
      release();
      expect(await closing).toBeUndefined();
      expect(events).toEqual(['job sees the database open', 'database closed']);
    });

    it('refuses further calls of inject() at once, as Fastify itself does, while jobs go on', async () => {
      const { app, events, release } = await withJob(listen, options);
      const plain = framework(options as FastifyServerOptions);
      plain.get('/', async () => 'ok');
      if (listen) await plain.listen({ port: 0, host: '127.0.0.1' });
      await plain.ready();
      const answers: unknown[][] = [];
      for (const each of [app, plain]) {
        const closing = each.close();
        // In the next turn of the event loop at the latest.
        await settled();
        const refused = each.inject({ method: 'POST', url: '/' }).catch((error: unknown) => error);
        answers.push([(await refused) as { code?: unknown }].map(({ code }) => code));
        release();
        await closing;
      }
      expect(answers[0]).toEqual(['FST_ERR_REOPENED_CLOSE_SERVER']);
      expect(answers[0]).toEqual(answers[1]);
      expect(events).toEqual(['job sees the database open', 'database closed']);
    });

    it('cancels no job because of pluginTimeout, nor takes its resources away', async () => {
      using timers = fakeTimers();
      const pluginTimeout = 500;
      const { app, events, release } = await withJob(listen, { ...options, pluginTimeout });
      const [job] = [...app.scheduler];
      const closing = app.close();
      await settled();
      await timers.after(pluginTimeout + 200);
      if (listen) await until(() => !app.server.listening);
      expect([job?.state, events]).toEqual(['active', []]);
      release();
      await closing;
      expect(events).toEqual(['job sees the database open', 'database closed']);
      expect(job?.outcome).toBe('completed');
    });

    it('waits for an atomic handler whose client is gone', async () => {
      const app = framework(options as FastifyServerOptions);
      const done: string[] = [];
      const entered = deferred();
      const release = deferred();
      await app.register(jobsPlugin);
      app.addHook('onClose', async () => {
        done.push('closed');
      });
      app.get(
        '/',
        atomic(async () => {
          entered.resolve();
          await release.promise;
          done.push('handled');
          return 'late';
        }),
      );
      if (listen) await app.listen({ port: 0, host: '127.0.0.1' });
      const controller = new AbortController();
      const call = app.inject({ url: '/', signal: controller.signal }).catch(() => 'left');
      await entered.promise;
      controller.abort();
      expect(await call).toBe('left');
      const closing = app.close();
      await settled();
      expect(done).toEqual([]);
      release.resolve();
      await closing;
      expect(done).toEqual(['handled', 'closed']);
    });

    it('is held by an atomic handler that waits for it until the bound aborts its signal', async () => {
      const app = framework(options);
      await app.register(jobsPlugin, { waitTimeout: 50, closeTimeout: 1_000 });
      app.get(
        '/',
        atomic(async (request) => {
          const closed = Promise.resolve(app.close()).then(() => 'closed');
          const cancelled = aborted(requestSignal(request)).then(() => 'cancelled');
          return Promise.race([closed, cancelled]);
        }),
      );
      if (listen) await app.listen({ port: 0, host: '127.0.0.1' });
      expect((await app.inject('/')).body).toBe('cancelled');
      await app.close();
    });

    it('waits for the jobs of a child’s own scheduler', async () => {
      const app = framework(options as FastifyServerOptions);
      const done: string[] = [];
      const release = deferred();
      await app.register(jobsPlugin);
      await app.register(async (child) => {
        await child.register(jobsPlugin);
        child.addHook('onClose', async () => {
          done.push('child closed');
        });
        child.get('/', async (request) => {
          await spawn(request, async () => {
            await release.promise;
            done.push('job');
          });
          return 'spawned';
        });
      });
      if (listen) await app.listen({ port: 0, host: '127.0.0.1' });
      await app.inject('/');
      const closing = app.close();
      await settled();
      expect(done).toEqual([]);
      release.resolve();
      await closing;
      expect(done).toEqual(['job', 'child closed']);
    });

    it('closes a scheduler that it made, and only drains one that was passed in', async () => {
      const mine = new Scheduler();
      for (const jobs of [{}, { scheduler: mine }]) {
        const app = framework(options as FastifyServerOptions);
        await app.register(jobsPlugin, jobs);
        if (listen) await app.listen({ port: 0, host: '127.0.0.1' });
        await app.ready();
        const { scheduler } = app;
        await app.close();
        expect(scheduler.closed).toBe(scheduler !== mine);
      }
      expect(mine.spawnNow(() => {}).outcome).toBe('completed');
    });

    it('leaves a scheduler that was passed in with no drain going on', async () => {
      const scheduler = new Scheduler();
      const app = framework(options as FastifyServerOptions);
      await app.register(jobsPlugin, { scheduler });
      if (listen) await app.listen({ port: 0, host: '127.0.0.1' });
      await app.ready();
      await app.close();
      await settled();
      expect(scheduler.drainSignal.aborted).toBe(false);
    });

    it('called twice resolves twice', async () => {
      const { app, events, release } = await withJob(listen, options);
      const closings = [app.close(), app.close()];
      release();
      expect(await Promise.all(closings)).toEqual([undefined, undefined]);
      expect(events).toEqual(['job sees the database open', 'database closed']);
    });
  });
});
