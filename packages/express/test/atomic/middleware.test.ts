import { once } from 'node:events';
import { atomic, getScheduler, jobsMiddleware } from '@outlive/express';
import type { NextFunction, Request, Response } from 'express';
import supertest from 'supertest';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { printed } from '@outlive/test-support/printed';
import { versions } from '../support/versions.ts';

/** Atomic middleware, which Express does not wait for: it calls `next()` and returns. */
describe.each(versions)('%s', (_name, framework) => {
  describe('atomic middleware', () => {
    it('that calls next() and returns early holds its slot until the handler has settled', async () => {
      const releases = [deferred(), deferred()];
      let calls = 0;
      let running = 0;
      let most = 0;
      const app = framework();
      const middleware = jobsMiddleware({ limit: 1 });
      const { scheduler } = middleware;
      app.use(middleware);
      app.use(
        atomic(async (_req: Request, _res: Response, next: NextFunction) => {
          next();
        }),
      );
      app.get(
        '/',
        atomic(async (_req, res) => {
          const release = releases[calls];
          calls += 1;
          running += 1;
          most = Math.max(most, running);
          await release?.promise;
          running -= 1;
          res.send('ok');
        }),
      );
      const server = app.listen(0);
      await once(server, 'listening');
      const answers = [1, 2].map(async () => (await supertest(server).get('/')).status);
      const statuses = Promise.all(answers);
      await until(() => scheduler.size === 2);
      await settled();
      expect([calls, scheduler.activeCount, scheduler.pendingCount]).toEqual([1, 1, 1]);
      for (const { resolve } of releases) resolve();
      expect(await statuses).toEqual([200, 200]);
      expect([calls, most]).toEqual([2, 1]);
      server.close();
      await once(server, 'close');
    });

    it('on a router counts once with the handler below it, at limit 1', async () => {
      const app = framework().use(jobsMiddleware({ limit: 1, pendingLimit: 0 }));
      const router = framework.Router();
      router.use(
        atomic(async (_req: Request, _res: Response, next: NextFunction) => {
          await settled();
          next();
        }),
      );
      router.get(
        '/orders',
        atomic(async (req, res) => {
          await settled();
          res.send(`${getScheduler(req).activeCount}`);
        }),
      );
      app.use('/api', router);
      expect((await supertest(app).get('/api/orders')).text).toBe('1');
    });

    it('hands on once what the handler throws when it has long returned itself', async () => {
      const seen: string[] = [];
      const app = framework().use(jobsMiddleware({ limit: 1 }));
      app.use(
        atomic(async (_req: Request, _res: Response, next: NextFunction) => {
          next();
        }),
      );
      app.get(
        '/',
        atomic(async () => {
          await settled();
          throw new Error('boom');
        }),
      );
      app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
        seen.push(error.message);
        res.status(500).send('failed');
      });
      expect((await supertest(app).get('/')).status).toBe(500);
      await settled();
      expect(seen).toEqual(['boom']);
    });

    it('that rejects after next() tells Express once, who prints it', async () => {
      using errors = printed();
      const app = framework().set('env', 'development').use(jobsMiddleware());
      app.use(
        atomic(async (_req: Request, _res: Response, next: NextFunction) => {
          next();
          throw new Error('too late');
        }),
      );
      app.get('/', (_req, res) => void res.send('ok'));
      await supertest(app).get('/');
      await settled();
      expect(errors.calls.map(([first]) => String(first))).toEqual([
        expect.stringContaining('Error: too late'),
      ]);
    });

    it('can skip to the next route', async () => {
      const app = framework().use(jobsMiddleware());
      app.get(
        '/',
        atomic(async (_req: Request, _res: Response, next: NextFunction) => next('route')),
      );
      app.get('/', (_req, res) => void res.send('the next'));
      expect((await supertest(app).get('/')).text).toBe('the next');
    });
  });
});
