import type { Middleware } from 'koa';
import type { ShutdownHandle } from '@outlive/http';
import { checkHandle } from '@outlive/http/internal';

/**
 * A handler for the readiness probe: 200 until a shutdown begins, then 503.
 *
 * @example
 * ```ts
 * import Koa from 'koa';
 * import { gracefulShutdown, readiness } from '@outlive/koa';
 *
 * const app = new Koa();
 * const server = app.listen(0);
 * const shutdown = gracefulShutdown(server, { delay: 5_000 });
 * const ready = readiness(shutdown);
 * app.use(async (ctx, next) => (ctx.path === '/ready' ? ready(ctx, next) : next()));
 * await shutdown.shutdown();
 * ```
 */
export function readiness(shutdown: ShutdownHandle): Middleware {
  checkHandle(shutdown);
  return function readiness(ctx) {
    ctx.status = shutdown.ready ? 200 : 503;
    ctx.body = shutdown.ready ? 'ready' : 'shutting down';
  };
}
