import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ShutdownHandle } from '@outlive/http';
import { checkHandle } from '@outlive/http/internal';

/**
 * A route handler for the readiness probe: 200 until a shutdown begins, then 503.
 *
 * @example
 * ```ts
 * import fastify from 'fastify';
 * import { gracefulShutdown, jobsPlugin, readiness } from '@outlive/fastify';
 *
 * const app = fastify();
 * await app.register(jobsPlugin);
 * const shutdown = gracefulShutdown(app, { delay: 5_000 });
 * app.get('/ready', readiness(shutdown));
 * await app.listen({ port: 0 });
 * await shutdown.shutdown();
 * ```
 */
export function readiness(
  shutdown: ShutdownHandle,
): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  checkHandle(shutdown);
  return function readiness(_request, reply) {
    return reply
      .code(shutdown.ready ? 200 : 503)
      .type('text/plain')
      .send(shutdown.ready ? 'ready' : 'shutting down');
  };
}
