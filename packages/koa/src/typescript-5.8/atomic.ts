import type { DefaultContext, DefaultState, Middleware } from 'koa';
import type { AtomicDecorator, AtomicOptions } from '@outlive/http';
import { atomic as current } from '../atomic.ts';

/* oxlint-disable typescript/no-explicit-any -- Koa's own defaults of its type parameters */

/**
 * Before TypeScript 5.9 a generic `H` would become a middleware of the type parameters of `router.get()`
 * itself, and `ctx.body` a `B` that takes no value. With type parameters of its own what the app or the
 * router says of `ctx.state` is `any`.
 */
interface Wrapper {
  <State = DefaultState, Context = DefaultContext, Body = any>(
    handler: Middleware<State, Context, Body>,
    options?: AtomicOptions,
  ): Middleware<State, Context, Body>;
  (options: AtomicOptions): Decorator;
}

type Decorator = AtomicDecorator<Middleware<any, any, any>>;

/** As in TypeScript 5.9 and later; of an inline handler the types of the app's state are unknown. */
export const atomic: Decorator & Wrapper = current;
