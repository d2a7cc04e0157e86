import { atomic, jobsMiddleware, type Scheduler } from '@outlive/express';
import { expectTypeOf } from 'expect-type';
import framework, { type Request, type RequestHandler } from 'express';

describe('the types of atomic() in Express', () => {
  it('keep the parameters of a request', () => {
    const handler = atomic(
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
    const app = framework();
    app.get(
      '/orders/:id',
      atomic(async (req, res) => {
        expectTypeOf(req.params).toEqualTypeOf<{ id: string }>();
        res.send(req.params.id);
      }),
    );
    app.use(jobsMiddleware());
    expectTypeOf(jobsMiddleware()).toExtend<RequestHandler>();
    expectTypeOf(jobsMiddleware().scheduler).toEqualTypeOf<Scheduler>();
  });

  it('decorate methods', () => {
    class Shop {
      @atomic({ timeout: 1_000 })
      async refund(_req: Request<{ id: string }>): Promise<void> {}
    }
    expectTypeOf<Shop['refund']>().parameter(0).toEqualTypeOf<Request<{ id: string }>>();
    expect(new Shop().refund).toHaveLength(1);
  });
});
