import { expected } from '@outlive/core/internal';
import { findInRequest } from '../request/request-like.ts';
import { express, fastify, type Framework, koa, node } from './frameworks.ts';

/** Whether a value is a request in some framework's form: then a framework made the call that was the user's to make. */
export function isRequestLike(value: unknown): boolean {
  return findInRequest(value, hasHeaders) === true;
}

function hasHeaders(candidate: object): true | undefined {
  const { headers, method } = candidate as { headers?: unknown; method?: unknown };
  return typeof headers === 'object' && typeof method === 'string' ? true : undefined;
}

/** Fails the call of a framework that calls what was made for another one, in the way that it takes. */
export function refuseCaller(what: string, args: readonly unknown[]): Promise<never> | undefined {
  const caller = callerOf(args);
  const given = args.map((each) => typeof each).join(', ') || 'nothing';
  const error = new TypeError(
    caller === undefined
      ? `${what} is called by its framework alone, not with ${given}`
      : `${what} was called by ${caller.name}: use ${caller.instead} there`,
  );
  if (caller !== fastify) throw error;
  // What a plugin throws is uncaught, and Fastify goes on waiting for it.
  const [, , done] = args;
  if (typeof done !== 'function') return Promise.reject(error);
  done(error);
  return undefined;
}

function callerOf([first, second, third]: readonly unknown[]): Framework | undefined {
  const { addHook, req, res } = (first ?? {}) as Record<string, unknown>;
  if (typeof addHook === 'function') return fastify;
  if (!isRequestLike(first)) return undefined;
  if (typeof req === 'object' && typeof res === 'object') return koa;
  if (typeof third === 'function') return express;
  return typeof second === 'object' ? node : undefined;
}

/** @throws TypeError for a middleware that was given to a framework uncalled, and is called with a request */
export function checkCalled(name: string, given: unknown): void {
  if (!isRequestLike(given)) return;
  const call = `app.use(${name}())`;
  throw new TypeError(
    `\`${name}\` was used as a middleware, and only makes one: call it, \`${call}\``,
  );
}

/** @throws TypeError for anything but the handle of `gracefulShutdown()` */
export function checkHandle(given: unknown): void {
  if (typeof (given as { readiness?: unknown } | null | undefined)?.readiness === 'function')
    return;
  const why = isRequestLike(given)
    ? ': `readiness` was used as a handler, and only makes one: call it, `readiness(shutdown)`'
    : '';
  throw new TypeError(expected('shutdown', 'what gracefulShutdown() returns', given) + why);
}
