import { once } from 'node:events';
import {
  getScheduler,
  getSchedulerFromApp,
  jobsMiddleware,
  Scheduler,
  setup,
  spawn,
} from '@outlive/koa';
import type Koa from 'koa';
import mount from 'koa-mount';
import supertest from 'supertest';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { printed } from '@outlive/test-support/printed';
import { watched } from '../support/watched-koa.ts';
import { versions } from '../support/versions.ts';

function failingJob(thrown: unknown): Koa.Middleware {
  return async (ctx) => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- as it comes
    await spawn(ctx, () => Promise.reject(thrown), { name: 'mail' });
    ctx.body = 'ok';
  };
}

/** What a Koa app and its scheduler have to do with each other. */
describe.each(versions)('%s', (_name, framework) => {
  describe('an app mounted with koa-mount', () => {
    it('has its own scheduler though its ctx.app is the outer app', async () => {
      const { app: outer } = watched(framework);
      const { app: inner } = watched(framework);
      inner.use(jobsMiddleware({ name: 'inner' }));
      inner.use(async (ctx) => {
        ctx.body = `${getScheduler(ctx).name} ${ctx.app === outer}`;
      });
      outer.use(jobsMiddleware({ name: 'outer' })).use(mount('/inner', inner));
      expect((await supertest(outer.callback()).get('/inner')).text).toBe('inner true');
    });
  });

  describe('without a request', () => {
    it('jobsMiddleware().scheduler is usable', async () => {
      const { scheduler } = jobsMiddleware({ limit: 3 });
      expect(scheduler.limit).toBe(3);
      expect(await (await scheduler.spawn(() => 'done')).wait()).toBe('done');
    });

    it('getSchedulerFromApp() gives that of the middleware, or of setup(); none without', () => {
      const { app } = watched(framework);
      expect(getSchedulerFromApp(app)).toBeUndefined();
      const middleware = jobsMiddleware();
      app.use(middleware);
      expect(getSchedulerFromApp(app)).toBe(middleware.scheduler);
      const { app: other } = watched(framework);
      expect(setup(other, { limit: 7 }).limit).toBe(7);
      expect(getSchedulerFromApp(other)?.limit).toBe(7);
      const mine = new Scheduler();
      expect(setup(watched(framework).app, mine)).toBe(mine);
    });

    it('setup() makes a server wait for the whole scheduler, from before its first request', async () => {
      const { app } = watched(framework);
      const scheduler = setup(app);
      const server = app.listen(0);
      await once(server, 'listening');
      const release = deferred();
      const job = await scheduler.spawn(() => release.promise);
      let isClosed = false;
      server.close(() => {
        isClosed = true;
      });
      await settled();
      expect(isClosed).toBe(false);
      release.resolve();
      await until(() => isClosed);
      expect(job.outcome).toBe('completed');
      expect(scheduler.closed).toBe(false);
    });

    it('bad options throw at set-up', () => {
      expect(() => jobsMiddleware({ limit: 0 })).toThrow(RangeError);
      expect(() => jobsMiddleware('fast' as never)).toThrow(TypeError);
      expect(() => jobsMiddleware({ scheduler: {} as Scheduler })).toThrow(TypeError);
      expect(() => jobsMiddleware({ scheduler: new Scheduler(), limit: 1 })).toThrow(TypeError);
      expect(() => setup(watched(framework).app, { drainOnClose: 1 as never })).toThrow(TypeError);
    });
  });

  describe('a background job that fails', () => {
    it('is emitted as the app’s error, once, with its job', async () => {
      const error = new Error('no mail');
      const { app, seen } = watched(framework);
      app.use(jobsMiddleware()).use(failingJob(error));
      expect((await supertest(app.callback()).get('/')).status).toBe(200);
      await settled();
      expect(seen).toEqual([
        [
          error,
          undefined,
          expect.objectContaining({ job: expect.objectContaining({ name: 'mail' }) as object }),
        ],
      ]);
    });

    it('is emitted as an error also where it threw something else', async () => {
      const { app, seen } = watched(framework);
      app.use(jobsMiddleware()).use(failingJob('no mail'));
      await supertest(app.callback()).get('/');
      await settled();
      expect(seen).toHaveLength(1);
      expect(seen[0]?.[0]).toMatchObject({
        message: expect.stringContaining('no mail') as string,
        cause: 'no mail',
      });
    });

    it('goes to the exception handler alone, where there is one', async () => {
      const error = new Error('no mail');
      const told: unknown[] = [];
      const { app, seen } = watched(framework);
      app.use(jobsMiddleware({ exceptionHandler: ({ exception }) => void told.push(exception) }));
      app.use(failingJob(error));
      await supertest(app.callback()).get('/');
      await settled();
      expect(told).toEqual([error]);
      expect(seen).toEqual([]);
    });

    it('is printed where no request has made the app known yet', async () => {
      using errors = printed();
      const { app, seen } = watched(framework);
      const middleware = jobsMiddleware();
      app.use(middleware);
      middleware.scheduler.spawnNow(() => Promise.reject(new Error('no mail')));
      await settled();
      expect(errors.calls).toHaveLength(1);
      expect(seen).toEqual([]);
    });
  });
});
