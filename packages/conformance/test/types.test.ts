import { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import Router from '@koa/router';
import * as express from '@outlive/express';
import * as fastify from '@outlive/fastify';
import * as http from '@outlive/http';
import * as koa from '@outlive/koa';
import expressFramework, { type Request, type RequestHandler } from 'express';
import { expectTypeOf } from 'expect-type';
import { fastify as fastifyFramework, type FastifyInstance } from 'fastify';
import Koa, { type ParameterizedContext } from 'koa';

describe('the types of atomic() in Express', () => {
  it('keep the parameters of a request', () => {
    const handler = express.atomic(
      async (req: Request<{ id: string }, string, { amount: number }, { page: string }>) => {
        expectTypeOf(req.params).toEqualTypeOf<{ id: string }>();
        expectTypeOf(req.body).toEqualTypeOf<{ amount: number }>();
        expectTypeOf(req.query).toEqualTypeOf<{ page: string }>();
      },
    );
    expectTypeOf(handler)
      .parameter(0)
      .toEqualTypeOf<Request<{ id: string }, string, { amount: number }, { page: string }>>();
  });

  it('take them from the path', () => {
    const app = expressFramework();
    app.get(
      '/orders/:id',
      express.atomic(async (req, res) => {
        expectTypeOf(req.params).toEqualTypeOf<{ id: string }>();
        res.send(req.params.id);
      }),
    );
    app.use(express.jobsMiddleware());
    expectTypeOf(express.jobsMiddleware()).toExtend<RequestHandler>();
    expectTypeOf(express.jobsMiddleware().scheduler).toEqualTypeOf<express.Scheduler>();
  });
});

describe('the types of atomic() in Koa', () => {
  it('keep state and context', () => {
    interface State {
      user: string;
    }
    interface Custom {
      db: { find(id: string): Promise<string> };
    }
    const app = new Koa<State, Custom>();
    app.use(
      koa.atomic(async (ctx: ParameterizedContext<State, Custom>, next: Koa.Next) => {
        expectTypeOf(ctx.state.user).toEqualTypeOf<string>();
        expectTypeOf(ctx.db.find).returns.toEqualTypeOf<Promise<string>>();
        await next();
      }),
    );
    const untyped = new Koa().use(
      koa.atomic(async (ctx) => {
        ctx.body = 'ok';
      }),
    );
    expect(untyped.middleware).toHaveLength(1);
  });

  it('fit a router of @koa/router', () => {
    const router = new Router();
    router.get(
      '/orders/:id',
      koa.atomic(async (ctx) => {
        ctx.body = 'ok';
      }),
    );
    expect(router.stack).toHaveLength(1);
  });
});

describe('the types of atomic() in Fastify', () => {
  it('keep the generics of a route', async () => {
    const app = fastifyFramework();
    app.post<{ Body: { amount: number }; Params: { id: string }; Reply: { paid: boolean } }>(
      '/orders/:id',
      fastify.atomic(async (request, reply) => {
        expectTypeOf(request.body).toEqualTypeOf<{ amount: number }>();
        expectTypeOf(request.params).toEqualTypeOf<{ id: string }>();
        expectTypeOf(reply.send).toBeCallableWith({ paid: true });
        // @ts-expect-error -- not what the route replies with
        const bad = (): unknown => reply.send({ paid: 'yes' });
        expect(bad).toBeInstanceOf(Function);
        return { paid: true };
      }),
    );
    await app.close();
  });

  it('declare fastify.scheduler', async () => {
    expectTypeOf<FastifyInstance['scheduler']>().toEqualTypeOf<fastify.Scheduler>();
    const app = fastifyFramework();
    await app.register(fastify.jobsPlugin, { limit: 3 });
    // @ts-expect-error -- a count
    expect(() => new fastify.Scheduler({ limit: '3' })).toThrow(TypeError);
    expect(app.scheduler.limit).toBe(3);
    await app.close();
  });
});

describe('the types of atomic() on node:http', () => {
  it('keep the listener', () => {
    const listener = http.atomic(async (req: IncomingMessage, res: ServerResponse) => {
      res.end(req.url);
      return 7;
    });
    expectTypeOf(listener).toEqualTypeOf<
      (req: IncomingMessage, res: ServerResponse) => Promise<number>
    >();
    expectTypeOf(http.jobsListener(listener)).toExtend<RequestListener>();
    expectTypeOf(http.jobsListener(listener).scheduler).toEqualTypeOf<http.Scheduler>();
  });

  it('refuse what cannot be a handler', () => {
    // @ts-expect-error -- no function
    expect(() => http.atomic('handler')).toThrow(TypeError);
    // @ts-expect-error -- a bad option
    expect(() => http.atomic(() => {}, { overload: 'queue' })).toThrow(TypeError);
    // @ts-expect-error -- a listener of other arguments
    expect(http.atomic((name: string) => name)).toBeInstanceOf(Function);
  });
});

describe('the types of the verbs', () => {
  it('carry what a job gives', () => {
    const request: object = {};
    const calls = [
      () => {
        expectTypeOf(http.spawn(request, async () => 7)).toEqualTypeOf<Promise<http.Job<number>>>();
      },
      () => {
        expectTypeOf(http.after(request, () => 'done')).toEqualTypeOf<http.Job<string>>();
      },
      () => {
        expectTypeOf(http.shield(request, Promise.resolve(true))).toEqualTypeOf<Promise<boolean>>();
      },
    ];
    for (const call of calls) expect(call).toThrow(http.SchedulerMissingError);
  });

  it('decorate methods', () => {
    class Shop {
      @koa.atomic
      async pay(ctx: ParameterizedContext): Promise<void> {
        ctx.body = 'paid';
      }

      @express.atomic({ timeout: 1_000 })
      async refund(_req: Request<{ id: string }>): Promise<void> {}
    }
    expectTypeOf<Shop['pay']>().toEqualTypeOf<(ctx: ParameterizedContext) => Promise<void>>();
    expectTypeOf<Shop['refund']>().parameter(0).toEqualTypeOf<Request<{ id: string }>>();
    expect(new Shop().refund).toHaveLength(1);
  });
});
