import type { FastifyInstance } from 'fastify';
import {
  gracefulShutdown as shutdownOf,
  type HttpServer,
  type ServerApp,
  type ShutdownHandle,
  type ShutdownOptions,
} from '@outlive/http';
import { serverDrain } from '@outlive/http/internal';
import { furtherServers, linkServersOnListen } from './linked-servers.ts';

/**
 * `gracefulShutdown()` of `@outlive/http`, which for an app of Fastify calls `app.close()`, and also knows
 * the servers that the app makes for further addresses of `localhost`.
 *
 * @param target - a Fastify instance, or whatever `@outlive/http` takes
 * @throws TypeError or RangeError for a bad option
 * @example
 * ```ts
 * import fastify from 'fastify';
 * import { gracefulShutdown, jobsPlugin } from '@outlive/fastify';
 *
 * const app = fastify();
 * await app.register(jobsPlugin);
 * const shutdown = gracefulShutdown(app, { onShutdown: async () => console.log('closing the database') });
 * await app.listen({ port: 0 });
 * await shutdown.shutdown();
 * ```
 */
export function gracefulShutdown(
  target: HttpServer | ServerApp,
  options?: ShutdownOptions,
): ShutdownHandle {
  if (!isFastify(target)) return shutdownOf(target, options);
  const handle = shutdownOf(
    {
      server: target.server,
      close: async () => target.close(),
      linkedServers: () => furtherServers(target),
    },
    options,
  );
  linkServersOnListen(target, serverDrain(target.server));
  return handle;
}

function isFastify(target: HttpServer | ServerApp): target is ServerApp & FastifyInstance {
  return typeof (target as Partial<FastifyInstance> | null)?.addHook === 'function';
}
