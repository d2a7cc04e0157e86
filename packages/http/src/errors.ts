import { SchedulerError } from '@outlive/core';

/** A request reached a handler that needs a scheduler, and no jobs middleware had run on it. */
export class SchedulerMissingError extends SchedulerError {
  override readonly name: string = 'SchedulerMissingError';
  readonly code = 'ERR_SCHEDULER_MISSING';

  constructor(
    message: string = 'No scheduler for this request. Add it before the handler: `app.use(jobsMiddleware())` in Express and Koa, ' +
      '`await app.register(jobsPlugin)` in Fastify, `http.createServer(jobsListener(listener))` without a framework.',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the error handling of Express, Koa and Fastify reads off an error to answer 503. */
export interface ServiceUnavailable {
  /** What Koa, Express and `http-errors` read. */
  status: 503;
  /** What Fastify and Express read. */
  statusCode: 503;
  /** Whether a client may see the message: Koa and Express hide it otherwise. */
  expose: true;
  /** What Express and Koa set on the response that reports the error; seconds. */
  headers: { 'Retry-After': string };
}
