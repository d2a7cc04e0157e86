import { callSiteUnderDebug, checkJobFunction, expected, isThenable } from '@outlive/core/internal';
import type { AnyHandler, Atomic } from './atomic.ts';
import { imitate } from './imitate.ts';
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
    imitate(atomic, handler);
    return atomic;
  }

  /** What both kinds of decorators do: TC39's gets the method, TypeScript's older one the class and a descriptor. */
  function decorate(
    options: AtomicOptions | undefined,
    [first, second, third]: readonly unknown[],
  ): unknown {
    if (typeof first === 'function' && isMethodContext(second)) {
      return wrap(first as AnyHandler, options);
    }
    const { value } = (third ?? {}) as PropertyDescriptor;
    if (!isKey(second) || typeof value !== 'function') {
      throw new TypeError('`@atomic` decorates methods');
    }
    return { ...(third as PropertyDescriptor), value: wrap(value as AnyHandler, options) };
  }

  function atomic(...args: readonly unknown[]): unknown {
    const [first, second] = args;
    if (isKey(second) || isMethodContext(second)) return decorate(undefined, args);
    if (typeof first === 'function') {
      return wrap(first as AnyHandler, second as AtomicOptions | undefined);
    }
    if (typeof first !== 'object' || first === null || args.length !== 1 || isThenable(first)) {
      const allowed = 'a function (or options, as a decorator)';
      throw new TypeError(expected('handler', allowed, first) + whyNot(args));
    }
    resolveAtomicOptions(first, '');
    return (...decorated: readonly unknown[]) => decorate(first, decorated);
  }
  return atomic as Atomic<AnyHandler>;
}

function isMethodContext(value: unknown): boolean {
  const { kind, addInitializer } = (value ?? {}) as { kind?: unknown; addInitializer?: unknown };
  return kind === 'method' && typeof addInitializer === 'function';
}

/** A name of a member, as decorators before TC39's get it for their second argument. */
function isKey(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'symbol';
}

function whyNot([first, ...rest]: readonly unknown[]): string {
  if (isThenable(first)) return ': the handler has been called already; pass the function itself';
  return rest.some((each) => typeof each === 'function' || typeof each === 'object')
    ? ': `atomic` was used as a handler; it goes around one, atomic(handler)'
    : '';
}
