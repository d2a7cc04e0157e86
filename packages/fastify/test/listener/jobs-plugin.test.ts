/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify waits for them */
import {
  after,
  disconnectSignal,
  getScheduler,
  jobsPlugin,
  Scheduler,
  spawn,
} from '@outlive/fastify';
import { aborted, settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { fakeTimers } from '@outlive/test-support/fake-timers';
import { watched } from '@outlive/test-support/watched';
import { logged } from '../support/logged-fastify.ts';
import { versions } from '../support/versions.ts';

/** What a Fastify app and its scheduler have to do with each other. */
describe.each(versions)('%s', (_name, framework) => {
  describe('fastify.scheduler', () => {
    it('is the parent’s in a child, unless it has its own', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin, { name: 'outer' });
      const names: (string | undefined)[] = [app.scheduler.name];
      await app.register(async (child) => {
        names.push(child.scheduler.name);
      });
      await app.register(async (child) => {
        await child.register(jobsPlugin, { name: 'inner' });
        names.push(child.scheduler.name);
      });
      expect(names).toEqual(['outer', 'outer', 'inner']);
      expect(app.scheduler.name).toBe('outer');
      await app.close();
    });

    it('is usable with no request, before the app is ready', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      expect(await (await app.scheduler.spawn(() => 'done')).wait()).toBe('done');
      await app.close();
    });

    it('is the one passed in; bad options make ready() reject', async () => {
      const scheduler = new Scheduler();
      const { app } = logged(framework);
      await app.register(jobsPlugin, { scheduler });
      expect(app.scheduler).toBe(scheduler);
      await app.close();
      for (const bad of [{ limit: 0 }, { scheduler: {} }, { scheduler, limit: 1 }]) {
        const { app: other } = logged(framework);
        await expect(
          (async () => {
            await other.register(jobsPlugin, bad as object);
            await other.ready();
          })(),
        ).rejects.toThrow(/limit|scheduler/);
      }
    });
  });

  describe('under inject()', () => {
    it('jobs run, after() runs once, and the signal is that of a client that stayed', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      const done: unknown[] = [];
      app.post('/', async (request) => {
        await spawn(request, () => done.push('job'));
        after(request, () => done.push('after', disconnectSignal(request).aborted));
        return getScheduler(request) === app.scheduler;
      });
      const { payload } = await app.inject({ method: 'POST', url: '/', payload: { a: 1 } });
      await app.scheduler.idle();
      expect(payload).toBe('true');
      expect(done).toEqual(['job', 'after', false]);
      await app.close();
    });

    it('a signal first read after the answer is not aborted', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      const requests: object[] = [];
      app.get('/', async (request) => String(requests.push(request)));
      await app.inject('/');
      await settled();
      expect(requests.map((request) => disconnectSignal(request).aborted)).toEqual([false]);
      await app.close();
    });

    it('an aborted call is a client that left', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      const entered = deferred<AbortSignal>();
      const release = deferred();
      app.get('/', async (request) => {
        entered.resolve(disconnectSignal(request));
        await release.promise;
        return 'late';
      });
      const controller = new AbortController();
      const call = app.inject({ url: '/', signal: controller.signal }).then(
        () => 'answered',
        () => 'aborted',
      );
      const signal = await entered.promise;
      controller.abort();
      await aborted(signal);
      expect(await call).toBe('aborted');
      release.resolve();
      await app.close();
    });
  });

  describe('a background job that fails', () => {
    it('is logged with err and job, once', async () => {
      const { app, logs } = logged(framework);
      await app.register(jobsPlugin);
      app.get('/', async (request) => {
        await spawn(request, () => Promise.reject(new Error('no mail')), { name: 'mail' });
        return 'ok';
      });
      expect((await app.inject('/')).statusCode).toBe(200);
      await settled();
      expect(logs).toEqual([
        expect.objectContaining({
          level: 50,
          msg: 'Job processing failed',
          err: expect.objectContaining({ message: 'no mail' }) as object,
          job: expect.objectContaining({ name: 'mail' }) as object,
        }),
      ]);
      await app.close();
    });

    it('goes to the exception handler alone, where there is one', async () => {
      const { app, logs } = logged(framework);
      const told: unknown[] = [];
      await app.register(jobsPlugin, {
        exceptionHandler: (context) => void told.push(context.message),
      });
      app.scheduler.spawnNow(() => Promise.reject(new Error('no mail')));
      await settled();
      expect(told).toEqual(['Job processing failed']);
      expect(logs).toEqual([]);
      await app.close();
    });
  });

  it('is not named when a hook of somebody else hangs', async () => {
    // The time-out is that of plugins too: a busy machine must not make ours miss it.
    using timers = fakeTimers();
    const app = framework({ pluginTimeout: 50 });
    const hook = jest.fn(() => new Promise<void>(() => {}));
    app.addHook('onReady', function hangs() {
      return hook();
    });
    await app.register(jobsPlugin);
    const ready = watched(Promise.resolve(app.ready()));
    await until(() => hook.mock.calls.length > 0);
    expect(ready.over).toBe(false);
    await timers.after(50);
    // Fastify 5 names the last hook, if that has a name, and not the one that hangs.
    await expect(ready.promise).rejects.toThrow("A callback for 'onReady' hook timed out.");
  });
});
