import type { RequestHandler } from 'express';
import type { ShutdownHandle } from '@outlive/http';
import { checkHandle } from '@outlive/http/internal';

/**
 * A handler for the readiness probe: 200 until a shutdown begins, then 503.
 *
 * @example
 * ```ts
 * import express from 'express';
 * import { gracefulShutdown, readiness } from '@outlive/express';
 *
 * const app = express();
 * const server = app.listen(0);
 * const shutdown = gracefulShutdown(server, { delay: 5_000 });
 * app.get('/ready', readiness(shutdown));
 * await shutdown.shutdown();
 * ```
 */
export function readiness(shutdown: ShutdownHandle): RequestHandler {
  checkHandle(shutdown);
  return function readiness(req, res) {
    shutdown.readiness(req, res);
  };
}
