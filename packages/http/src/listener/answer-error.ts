import type { ServerResponse } from 'node:http';
import type { Scheduler } from '@outlive/core';

/** What each response has failed with. */
const failures = new WeakMap<ServerResponse, unknown>();

/**
 * The error path of plain `node:http`, which has none of its own: 500, or what the error's `status`
 * says, or a cut response where one had begun; and the exception handler, unless the client is meant
 * to see the error (`expose`). An error that comes by several promises, as that of a handler and that of the
 * listener that awaited it late, is one.
 */
export function answerError(response: ServerResponse, scheduler: Scheduler, error: unknown): void {
  if (failures.has(response) && failures.get(response) === error) return;
  failures.set(response, error);
  const { status, expose } = (typeof error === 'object' ? (error ?? {}) : {}) as {
    status?: unknown;
    expose?: unknown;
  };
  const isStatus = typeof status === 'number' && status >= 400 && status < 600;
  if (expose !== true)
    scheduler.callExceptionHandler({ message: 'Request failed', exception: error });
  if (response.writableEnded) return;
  if (response.headersSent) {
    // Its end would look like a whole answer.
    response.destroy();
    return;
  }
  response.statusCode = isStatus ? status : 500;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(isStatus && status === 503 ? 'Service Unavailable' : 'Internal Server Error');
}
