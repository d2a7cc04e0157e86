import { atomic, getScheduler, jobsMiddleware, Scheduler } from '@outlive/express';
import type { ErrorRequestHandler, NextFunction, Request, Response } from 'express';
import supertest from 'supertest';
import { settled } from '@outlive/test-support/conditions';
import { versions } from '../support/versions.ts';

/** An error handler that notes what it is given. */
function answerWith(status: number, seen: unknown[]): ErrorRequestHandler {
  return (error, _req, res, _next) => {
    seen.push(error);
    res.status(status).send('failed');
  };
}

/** Error-handling middleware and `app.param` callbacks. */
describe.each(versions)('%s', (_name, framework) => {
  describe('atomic error-handling middleware', () => {
    it.each<[string, unknown]>([
      ['an error', new Error('boom')],
      ['a string', 'boom'],
    ])('is called as one, with %s', async (_, thrown) => {
      const scheduler = new Scheduler();
      const seen: unknown[] = [];
      const app = framework().use(jobsMiddleware(scheduler));
      app.get('/', (_req, _res, next) => next(thrown));
      app.use(
        atomic(async (error: unknown, _req: Request, res: Response, _next: NextFunction) => {
          await settled();
          seen.push(error, scheduler.activeCount);
          res.status(502).send('handled');
        }),
      );
      const { status, text } = await supertest(app).get('/');
      expect([status, text]).toEqual([502, 'handled']);
      expect(seen).toEqual([thrown, 1]);
    });

    it('is not called without an error', async () => {
      let calls = 0;
      const app = framework().use(jobsMiddleware());
      app.use(
        atomic(async (_error: unknown, _req: Request, res: Response, _next: NextFunction) => {
          calls += 1;
          res.send('handled');
        }),
      );
      app.get('/', (_req, res) => void res.send('ok'));
      expect((await supertest(app).get('/')).text).toBe('ok');
      expect(calls).toBe(0);
    });

    it('hands what it throws to the next one, once', async () => {
      const seen: unknown[] = [];
      const second = new Error('handling failed');
      const app = framework().use(jobsMiddleware());
      app.get('/', (_req, _res, next) => next(new Error('boom')));
      app.use(
        atomic(async (_error: unknown, _req: Request, _res: Response, _next: NextFunction) => {
          throw second;
        }),
      );
      app.use(answerWith(500, seen));
      expect((await supertest(app).get('/')).status).toBe(500);
      await settled();
      expect(seen).toEqual([second]);
    });

    it('below an atomic handler that failed finds a slot at limit 1', async () => {
      const app = framework().use(jobsMiddleware({ limit: 1, pendingLimit: 0 }));
      app.get(
        '/',
        atomic(async () => {
          throw new Error('boom');
        }),
      );
      app.use(
        atomic(async (_error: unknown, _req: Request, res: Response, _next: NextFunction) => {
          res.status(502).send('handled');
        }),
      );
      const { status, text } = await supertest(app).get('/');
      expect([status, text]).toEqual([502, 'handled']);
    });

    it('hands on what it throws about an error that knows its request', async () => {
      const seen: unknown[] = [];
      const second = new Error('handling failed');
      const app = framework().use(jobsMiddleware());
      app.get('/', (req, _res, next) => next(Object.assign(new Error('boom'), { req })));
      app.use(
        atomic(async (_error: unknown, _req: Request, _res: Response, _next: NextFunction) => {
          throw second;
        }),
      );
      app.use(answerWith(500, seen));
      expect((await supertest(app).get('/')).status).toBe(500);
      await settled();
      expect(seen).toEqual([second]);
    });
  });

  describe('an atomic app.param callback', () => {
    it('is given the value and the name, and waited for by the route', async () => {
      const app = framework().use(jobsMiddleware());
      const seen: unknown[] = [];
      app.param(
        'id',
        atomic(
          async (req: Request, res: Response, next: NextFunction, value: string, key: string) => {
            seen.push(value, key, getScheduler(req).activeCount);
            await settled();
            res.locals['id'] = value;
            next();
          },
        ),
      );
      app.get('/orders/:id', (_req, res) => void res.send(`order ${String(res.locals['id'])}`));
      expect((await supertest(app).get('/orders/7')).text).toBe('order 7');
      expect(seen).toEqual(['7', 'id', 1]);
    });

    it('hands what it throws to the error handler, once', async () => {
      const seen: unknown[] = [];
      const error = new Error('no such order');
      const app = framework().use(jobsMiddleware());
      app.param(
        'id',
        atomic(async (_req: Request, _res: Response, _next: NextFunction, _id: string) => {
          throw error;
        }),
      );
      app.get('/orders/:id', (_req, res) => void res.send('not reached'));
      app.use(answerWith(404, seen));
      expect((await supertest(app).get('/orders/7')).status).toBe(404);
      await settled();
      expect(seen).toEqual([error]);
    });
  });
});
