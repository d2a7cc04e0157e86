import { once } from 'node:events';
import {
  getScheduler,
  getSchedulerFromApp,
  jobsMiddleware,
  Scheduler,
  setup,
  spawn,
} from '@outlive/express';
import type { NextFunction, Request, Response } from 'express';
import supertest from 'supertest';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { printed } from '@outlive/test-support/printed';
import { versions } from '../support/versions.ts';

/** What an Express app and its scheduler have to do with each other. */
describe.each(versions)('%s', (_name, framework) => {
  describe('a sub-app in two apps', () => {
    it('finds the scheduler of the one that the request came through', async () => {
      const shared = framework();
      shared.get('/', (req, res) => void res.send(getScheduler(req).name));
      const apps = ['first', 'second'].map((each) =>
        framework()
          .use(jobsMiddleware({ name: each }))
          .use('/shared', shared),
      );
      const texts = apps.map(async (app) => (await supertest(app).get('/shared')).text);
      expect(await Promise.all(texts)).toEqual(['first', 'second']);
    });
  });

  describe('without a request', () => {
    it('jobsMiddleware().scheduler is usable', async () => {
      const { scheduler } = jobsMiddleware({ limit: 3 });
      expect(scheduler.limit).toBe(3);
      expect(await (await scheduler.spawn(() => 'done')).wait()).toBe('done');
    });

    it('getSchedulerFromApp() gives that of the middleware, or of setup(); none without', () => {
      const app = framework();
      expect(getSchedulerFromApp(app)).toBeUndefined();
      const middleware = jobsMiddleware();
      app.use(middleware);
      expect(getSchedulerFromApp(app)).toBe(middleware.scheduler);
      const other = framework();
      expect(setup(other, { limit: 7 }).limit).toBe(7);
      expect(getSchedulerFromApp(other)?.limit).toBe(7);
      const mine = new Scheduler();
      expect(setup(framework(), mine)).toBe(mine);
    });

    it('setup() makes a server wait for the whole scheduler, from before its first request', async () => {
      const app = framework();
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
      expect(() => setup(framework(), { drainOnClose: 1 as never })).toThrow(TypeError);
    });
  });

  describe('a background job that fails', () => {
    it('is printed to stderr, once', async () => {
      using errors = printed();
      const seen: unknown[] = [];
      const error = new Error('no mail');
      const app = framework().use(jobsMiddleware());
      // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- rejects in no case
      app.get('/', async (req, res) => {
        await spawn(req, () => Promise.reject(error), { name: 'mail' });
        res.send('ok');
      });
      app.use((thrown: unknown, _req: Request, _res: Response, next: NextFunction) => {
        seen.push(thrown);
        next(thrown);
      });
      expect((await supertest(app).get('/')).status).toBe(200);
      await settled();
      expect(errors.calls).toHaveLength(1);
      expect(errors.calls[0]).toContain(error);
      expect(errors.calls[0]?.join(' ')).toContain('"mail"');
      expect(seen).toEqual([]);
    });
  });
});
