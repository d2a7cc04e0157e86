import { callSiteUnderDebug, checkJobFunction, expected } from '@outlive/core/internal';
import type { AnyHandler, Atomic } from './atomic.ts';
import type { AtomicHandler, Convention } from './handler.ts';
import type { AtomicOptions } from './options.ts';
import { resolveAtomicOptions } from './resolve-options.ts';
import { runAtomic } from './run-atomic.ts';

/** Makes the `atomic` of a framework. */
export function makeAtomic(convention: Convention): Atomic<AnyHandler> {
  function wrap(handler: AnyHandler, options: AtomicOptions | undefined): AnyHandler {
    checkJobFunction('handler', handler);
    const resolved: AtomicHandler = {
      ...convention,
      ...resolveAtomicOptions(options, handler.name),
      handler,
      sourceStack: callSiteUnderDebug(),
    };
    function atomic(this: unknown, first: unknown, second: unknown): unknown {
      // Most are called with two arguments, which need no array.
      return arguments.length === 2
        ? runAtomic(resolved, this, first, second, undefined)
        : Reflect.apply(atomicOfAny, this, arguments);
    }
    function atomicOfAny(this: unknown, ...args: unknown[]): unknown {
      return runAtomic(resolved, this, args[0], args[1], args);
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
