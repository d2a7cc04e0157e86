import { expected } from '@outlive/core/internal';
import { type AtomicOptions, resolveAtomicOptions, type ResolvedAtomicOptions } from './options.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- the only type that every handler has
export type AnyHandler = (this: any, ...args: any[]) => any;

/** `atomic` for one kind of handlers: around a function, or as a TC39 decorator with or without options. */
export interface Atomic<Base extends AnyHandler> {
  /** Wraps a handler. */
  <H extends Base>(handler: H, options?: AtomicOptions): H;
  /** As `@atomic` on a method. */
  <H extends Base>(handler: H, context: ClassMethodDecoratorContext): H;
  /** As `@atomic({ … })` on a method. */
  (options: AtomicOptions): <H extends Base>(handler: H, context: ClassMethodDecoratorContext) => H;
}

type Run = (
  handler: AnyHandler,
  options: ResolvedAtomicOptions,
  thisArg: unknown,
  args: unknown[],
) => unknown;

/** Makes an `atomic` from what a framework's call of a handler comes down to. */
export function makeAtomic(run: Run): Atomic<AnyHandler> {
  function wrap(handler: AnyHandler, options: AtomicOptions | undefined): AnyHandler {
    const resolved = resolveAtomicOptions(options, handler.name);
    function atomic(this: unknown, ...args: unknown[]): unknown {
      return run(handler, resolved, this, args);
    }
    // Frameworks read the length: with four parameters Express takes a function for an error handler.
    Object.defineProperty(atomic, 'length', { value: handler.length, configurable: true });
    Object.defineProperty(atomic, 'name', { value: handler.name, configurable: true });
    return atomic;
  }

  function atomic(first: unknown, second?: unknown): unknown {
    if (typeof first === 'function') {
      const options = isMethodContext(second) ? undefined : (second as AtomicOptions | undefined);
      return wrap(first as AnyHandler, options);
    }
    if (typeof first !== 'object' || first === null || second !== undefined) {
      throw new TypeError(expected('handler', 'a function (or options, as a decorator)', first));
    }
    resolveAtomicOptions(first, '');
    return (handler: unknown, context: unknown): AnyHandler => {
      if (typeof handler !== 'function' || !isMethodContext(context)) {
        throw new TypeError('`@atomic` decorates methods');
      }
      return wrap(handler as AnyHandler, first);
    };
  }
  return atomic as Atomic<AnyHandler>;
}

function isMethodContext(value: unknown): boolean {
  const { kind, addInitializer } = (value ?? {}) as { kind?: unknown; addInitializer?: unknown };
  return kind === 'method' && typeof addInitializer === 'function';
}
