import { atomic, jobsPlugin, type Scheduler } from '@outlive/fastify';
import {
  fastify,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteHandlerMethod,
} from 'fastify';
import { same } from './results.mjs';

const app = fastify();
app.register(jobsPlugin, { limit: 3 });
same<FastifyInstance['scheduler'], Scheduler>(true);

app.post(
  '/payments',
  atomic(
    async (request, reply) => {
      same<typeof request.body, unknown>(true);
      same<typeof request.id, string>(true);
      return reply.code(201).send({ paid: true });
    },
    { timeout: 10 },
  ),
);
app.get(
  '/plain',
  atomic(async () => ({ ok: true })),
);
app.get(
  '/callback',
  atomic((request, reply) => {
    reply.send(request.query);
  }),
);
app.post(
  '/schema',
  { schema: { body: {} } },
  atomic(async (request, reply) => reply.send(request.body)),
);
app.post('/handler', { handler: atomic(async (request, reply) => reply.send(request.id)) });
app.route({
  method: 'GET',
  url: '/route',
  handler: atomic(async (request, reply) => reply.send(request.id)),
});
app.post<{ Body: { amount: number }; Params: { id: string }; Reply: { paid: boolean } }>(
  '/orders/:id',
  atomic(async (request, reply) => {
    same<typeof request.body, { amount: number }>(true);
    same<typeof request.params, { id: string }>(true);
    // @ts-expect-error -- not what the route replies with
    reply.send({ paid: 'yes' });
    return { paid: true };
  }),
);
const handler: RouteHandlerMethod = atomic(async (request, reply) => reply.send(request.id));
app.get('/handler', handler);
async function named(request: FastifyRequest<{ Body: { amount: number } }>): Promise<number> {
  return request.body.amount;
}
app.post('/named', atomic(named));
app.setNotFoundHandler(atomic(async (_request, reply) => reply.code(404).send({})));
app.register(async (child) => {
  child.get(
    '/child',
    atomic(async (request, reply) => reply.send(request.id)),
  );
});

class Shop {
  @atomic
  async pay(_request: FastifyRequest<{ Params: { id: string } }>, _reply: FastifyReply) {}

  @atomic({ timeout: 1_000 })
  async refund(_request: FastifyRequest): Promise<number> {
    return 1;
  }
}
same<ReturnType<Shop['refund']>, Promise<number>>(true);
app.get('/shop/:id', new Shop().pay);
