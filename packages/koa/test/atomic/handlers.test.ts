import Router from '@koa/router';
import { atomic, getScheduler, jobsMiddleware } from '@outlive/koa';
import type Koa from 'koa';
import supertest from 'supertest';
import { settled } from '@outlive/test-support/conditions';
import { watched } from '../support/watched-koa.ts';
import { versions } from '../support/versions.ts';

/** Koa’s middleware and handlers. */
describe.each(versions)('%s', (_name, framework) => {
  describe('atomic middleware', () => {
    it('goes around what is below it', async () => {
      const order: string[] = [];
      const { app, seen } = watched(framework);
      app.use(jobsMiddleware());
      app.use(
        atomic(async (_ctx, next) => {
          order.push('before');
          await next();
          order.push('after');
        }),
      );
      app.use(async (ctx) => {
        await settled();
        order.push('handler');
        ctx.body = 'ok';
      });
      const { status, text } = await supertest(app.callback()).get('/');
      expect([status, text]).toEqual([200, 'ok']);
      expect(order).toEqual(['before', 'handler', 'after']);
      expect(seen).toEqual([]);
    });

    it('shares its slot with an atomic handler below it, at limit 1', async () => {
      const { app } = watched(framework);
      app.use(jobsMiddleware({ limit: 1, pendingLimit: 0 }));
      app.use(atomic(async (_ctx, next) => next()));
      app.use(
        atomic(async (ctx) => {
          await settled();
          ctx.body = `${getScheduler(ctx).activeCount}`;
        }),
      );
      expect((await supertest(app.callback()).get('/')).text).toBe('1');
    });

    it('sees, and may handle, the errors from below it', async () => {
      const { app, seen } = watched(framework);
      app.use(jobsMiddleware());
      app.use(
        atomic(async (ctx, next) => {
          try {
            await next();
          } catch (error) {
            ctx.body = `handled ${(error as Error).message}`;
          }
        }),
      );
      app.use(
        atomic(async () => {
          throw new Error('boom');
        }),
      );
      expect((await supertest(app.callback()).get('/')).text).toBe('handled boom');
      expect(seen).toEqual([]);
    });

    it('passes errors from below it on, once', async () => {
      const error = new Error('boom');
      const { app, seen } = watched(framework);
      app.use(jobsMiddleware());
      app.use(atomic(async (_ctx, next) => next()));
      app.use(
        atomic(async () => {
          throw error;
        }),
      );
      expect((await supertest(app.callback()).get('/')).status).toBe(500);
      expect(seen.map(([first]) => first)).toEqual([error]);
    });

    it('leaves a 404 that nobody answers to Koa', async () => {
      const { app } = watched(framework);
      app.use(jobsMiddleware());
      app.use(atomic(async (_ctx, next) => next()));
      expect((await supertest(app.callback()).get('/')).status).toBe(404);
    });
  });

  describe('an atomic handler', () => {
    it('works on a router, with its parameters', async () => {
      const { app } = watched(framework);
      const router = new Router();
      router.get(
        '/orders/:id',
        atomic(async (ctx) => {
          await settled();
          ctx.body = `order ${String(ctx['params'].id)}`;
        }),
      );
      app.use(jobsMiddleware()).use(router.routes() as unknown as Koa.Middleware);
      expect((await supertest(app.callback()).get('/orders/7')).text).toBe('order 7');
    });

    it('may answer by itself under ctx.respond = false', async () => {
      const { app, seen } = watched(framework);
      app.use(jobsMiddleware());
      app.use(
        atomic(async (ctx) => {
          ctx.respond = false;
          await settled();
          ctx.res.writeHead(201).end('raw');
        }),
      );
      const { status, text } = await supertest(app.callback()).get('/');
      expect([status, text]).toEqual([201, 'raw']);
      expect(seen).toEqual([]);
    });

    it('may throw by ctx.throw(), which is answered as always', async () => {
      const { app, seen } = watched(framework);
      app.use(jobsMiddleware()).use(atomic(async (ctx) => ctx.throw(422, 'no such colour')));
      const { status, text } = await supertest(app.callback()).get('/');
      expect([status, text]).toEqual([422, 'no such colour']);
      expect(seen).toHaveLength(1);
    });
  });
});
