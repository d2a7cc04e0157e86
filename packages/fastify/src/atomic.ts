import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Atomic } from '@outlive/http';
import { makeAtomic } from '@outlive/http/internal';

/* oxlint-disable typescript/no-explicit-any -- a route's generics may be anything */

export type Handler = (
  request: FastifyRequest<any, any, any, any, any, any, any>,
  reply: FastifyReply<any, any, any, any, any, any>,
) => unknown;

/**
 * Runs a route handler as a job: to its end whatever the client does, waited for when the app closes,
 * counted against the scheduler's `limit`. As a wrapper or as a method decorator. The handler should
 * return a promise or `reply`: of one that returns nothing, what goes on after it cannot be seen.
 *
 * Errors reach Fastify's own handling, once. Where there is no room the error has status 503 and a
 * `Retry-After` header.
 *
 * @throws TypeError at set-up for anything but a function or good options
 * @example
 * ```ts
 * import fastify from 'fastify';
 * import { atomic, jobsPlugin } from '@outlive/fastify';
 *
 * const app = fastify();
 * await app.register(jobsPlugin);
 * app.post('/payments', atomic(async (request, reply) => {
 *   await new Promise((resolve) => setTimeout(resolve, 100)); // charge the card
 *   return reply.code(201).send({ paid: true });
 * }, { timeout: 10_000 }));
 * await app.close();
 * ```
 */
export const atomic: Atomic<Handler> = makeAtomic({ hasReply: true });
