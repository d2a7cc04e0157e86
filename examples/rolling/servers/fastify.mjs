// @ts-check
import { atomic, gracefulShutdown, jobsPlugin, readiness, spawn } from '@outlive/fastify';
import fastify from 'fastify';

/** @param {import('./shop.mjs').Shop} shop */
export async function serveWithOutlive({ book, deliver, delay }) {
  const app = fastify();
  await app.register(jobsPlugin);
  const shutdown = gracefulShutdown(app, { delay });
  app.get('/ready', readiness(shutdown));
  app.post(
    '/orders/:id',
    atomic(async (request, reply) => {
      await book();
      await spawn(request, () => deliver(idOf(request)));
      return reply.code(202).send();
    }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server;
}

/** @param {import('./shop.mjs').Shop} shop */
export async function serveWithout({ book, deliver }) {
  const app = fastify();
  app.get('/ready', () => 'ready');
  app.post('/orders/:id', async (request, reply) => {
    await book();
    void deliver(idOf(request));
    return reply.code(202).send();
  });
  process.once('SIGTERM', () => {
    void app.close().then(() => process.exit(0));
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server;
}

/** @param {import('fastify').FastifyRequest} request */
function idOf({ params }) {
  return /** @type {{ id: string }} */ (params).id;
}
