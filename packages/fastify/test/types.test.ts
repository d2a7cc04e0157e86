import { atomic, jobsPlugin, Scheduler } from '@outlive/fastify';
import { expectTypeOf } from 'expect-type';
import { fastify, type FastifyInstance } from 'fastify';

describe('the types of atomic() in Fastify', () => {
  it('keep the generics of a route', async () => {
    const app = fastify();
    app.post<{ Body: { amount: number }; Params: { id: string }; Reply: { paid: boolean } }>(
      '/orders/:id',
      atomic(async (request, reply) => {
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
    expectTypeOf<FastifyInstance['scheduler']>().toEqualTypeOf<Scheduler>();
    const app = fastify();
    await app.register(jobsPlugin, { limit: 3 });
    // @ts-expect-error -- a count
    expect(() => new Scheduler({ limit: '3' })).toThrow(TypeError);
    expect(app.scheduler.limit).toBe(3);
    await app.close();
  });
});
