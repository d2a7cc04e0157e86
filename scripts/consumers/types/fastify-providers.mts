// With a type provider it is `config.atomic` that leaves the types of an inline schema alone.
import { jobsPlugin } from '@outlive/fastify';
import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { same } from './results.mjs';

const app = fastify();
app.register(jobsPlugin);

app.withTypeProvider<TypeBoxTypeProvider>().post(
  '/typebox',
  {
    schema: { body: Type.Object({ amount: Type.Number() }) },
    config: { atomic: { timeout: 10 } },
  },
  async (request, reply) => {
    same<typeof request.body, { amount: number }>(true);
    return reply.code(201).send({ paid: request.body.amount });
  },
);
app
  .withTypeProvider<ZodTypeProvider>()
  .post(
    '/zod',
    { schema: { body: z.object({ amount: z.number() }) }, config: { atomic: true } },
    async (request) => {
      same<typeof request.body, { amount: number }>(true);
      return { paid: request.body.amount };
    },
  );
app.get('/plain', { config: { atomic: false } }, async () => 'ok');
// @ts-expect-error -- no such way
app.get('/bad', { config: { atomic: { overload: 'queue' } } }, async () => 'ok');
