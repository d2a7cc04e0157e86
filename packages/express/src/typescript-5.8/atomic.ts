import type { ErrorRequestHandler, RequestHandler, RequestParamHandler } from 'express';
import type { AtomicDecorator, AtomicOptions } from '@outlive/http';
import { atomic as current } from '../atomic.ts';

/* oxlint-disable typescript/no-explicit-any -- Express's own defaults of its type parameters */

/**
 * Before TypeScript 5.9 a generic `H` would become a handler of the type parameters of `app.post()`
 * itself, and `req.body` a `ReqBody`. With type parameters of its own
 * what the route does not say is `any`.
 */
interface Wrapper {
  <P = any, ResBody = any, ReqBody = any, ReqQuery = any, Locals extends AnyRecord = AnyRecord>(
    handler: RequestHandler<P, ResBody, ReqBody, ReqQuery, Locals>,
    options?: AtomicOptions,
  ): RequestHandler<P, ResBody, ReqBody, ReqQuery, Locals>;
  <P = any, ResBody = any, ReqBody = any, ReqQuery = any, Locals extends AnyRecord = AnyRecord>(
    handler: ErrorRequestHandler<P, ResBody, ReqBody, ReqQuery, Locals>,
    options?: AtomicOptions,
  ): ErrorRequestHandler<P, ResBody, ReqBody, ReqQuery, Locals>;
  <H extends RequestParamHandler>(handler: H, options?: AtomicOptions): H;
  (options: AtomicOptions): Decorator;
}

type AnyRecord = Record<string, any>;
type Decorator = AtomicDecorator<RequestHandler<any, any, any, any, any>> &
  AtomicDecorator<ErrorRequestHandler<any, any, any, any, any>> &
  AtomicDecorator<RequestParamHandler>;

/** As in TypeScript 5.9 and later; of an inline handler the types of the route's path are unknown. */
export const atomic: Decorator & Wrapper = current;
