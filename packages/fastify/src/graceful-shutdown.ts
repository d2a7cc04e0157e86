import type { FastifyInstance } from 'fastify';
import {
  gracefulShutdown as shutdownOf,
  type ServerApp,
  type ShutdownHandle,
  type ShutdownOptions,
  type ShutdownTarget,
} from '@outlive/http';
import { serverDrain } from '@outlive/http/internal';
import { furtherServers, linkServersOnListen } from './linked-servers.ts';

/**
 * `gracefulShutdown()` of `@outlive/http`, which for an app of Fastify calls `app.close()`, and also knows
 * the servers that the app makes for further addresses of `localhost`.
 *
 * @param target - a Fastify instance, whatever else `@outlive/http` takes, or an array of them
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
  target: ShutdownTarget | readonly ShutdownTarget[],
  options?: ShutdownOptions,
): ShutdownHandle {
  const targets = Array.isArray(target) ? (target as readonly ShutdownTarget[]) : undefined;
  const handle = shutdownOf(targets?.map(asTarget) ?? asTarget(target as ShutdownTarget), options);
  for (const each of targets ?? [target as ShutdownTarget]) {
    if (isFastify(each)) linkServersOnListen(each, serverDrain(each.server));
  }
  return handle;
}

function asTarget(target: ShutdownTarget): ShutdownTarget {
  if (!isFastify(target)) return target;
  return {
    server: target.server,
    close: async () => target.close(),
    linkedServers: () => furtherServers(target),
  };
}

function isFastify(target: ShutdownTarget): target is ServerApp & FastifyInstance {
  return typeof (target as Partial<FastifyInstance> | null)?.addHook === 'function';
}
