import { expected } from './expected.ts';

// Rejects bad input at the call, naming the option, the value got and what is allowed.

/** A whole number from `minimum`, or `Infinity` for "no limit". */
export function checkCount(name: string, value: unknown, minimum: number): number {
  const allowed = `a whole number from ${minimum} or Infinity`;
  if (typeof value !== 'number') throw new TypeError(expected(name, allowed, value));
  if (!(Number.isInteger(value) || value === Infinity) || value < minimum) {
    throw new RangeError(expected(name, allowed, value));
  }
  return value;
}

/** Milliseconds from 0, or `Infinity` for "no limit". */
export function checkTime(name: string, value: unknown): number {
  const allowed = 'milliseconds from 0 or Infinity';
  if (typeof value !== 'number') throw new TypeError(expected(name, allowed, value));
  if (!(value >= 0)) throw new RangeError(expected(name, allowed, value));
  return value;
}

/** Milliseconds above 0, without `Infinity`. */
export function checkDuration(name: string, value: unknown): number {
  const allowed = 'milliseconds above 0';
  if (typeof value !== 'number') throw new TypeError(expected(name, allowed, value));
  if (!(value > 0 && value < Infinity)) throw new RangeError(expected(name, allowed, value));
  return value;
}

export function checkFinite(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(expected(name, 'a finite number', value));
  if (!Number.isFinite(value)) throw new RangeError(expected(name, 'a finite number', value));
  return value;
}

export function checkString(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(expected(name, 'a string', value));
  return value;
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(expected(name, 'a boolean', value));
  return value;
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(expected(name, 'a function', value));
  checkJobFunction(name, value);
}

/** What a job may run. Looks at the tag, since a generator function may come from another realm. */
export function checkJobFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') {
    const why = isThenable(value)
      ? ': a promise is already running; pass the async function itself, or use shield()'
      : '';
    throw new TypeError(expected(name, 'a function', value) + why);
  }
  const tag = (value as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag];
  if (tag === 'GeneratorFunction' || tag === 'AsyncGeneratorFunction') {
    const why = ': its body would never run; pass an async function that iterates over it';
    throw new TypeError(expected(name, 'a function that runs when it is called', value) + why);
  }
}

/** What can be shielded. */
export function checkShieldable(name: string, value: unknown): void {
  if (isThenable(value)) return;
  if (typeof value !== 'function') {
    throw new TypeError(expected(name, 'a promise or a function', value));
  }
  checkJobFunction(name, value);
}

/** Duck-typed, since a signal may come from another realm (a Jest sandbox, a vm context). */
export function checkSignal(name: string, value: unknown): AbortSignal {
  const signal = value as AbortSignal | null | undefined;
  if (
    typeof signal !== 'object' ||
    signal === null ||
    typeof signal.aborted !== 'boolean' ||
    typeof signal.addEventListener !== 'function'
  ) {
    throw new TypeError(expected(name, 'an AbortSignal', value));
  }
  return signal;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/** Why a value is a bad one, if it is a promise of a good one. */
export function forgottenAwait(value: unknown): string {
  return isThenable(value) ? ': await it first' : '';
}

export function checkThenable(name: string, value: unknown): PromiseLike<unknown> {
  if (!isThenable(value)) throw new TypeError(expected(name, 'a promise', value));
  return value;
}

export function checkOneOf<T extends string>(
  name: string,
  value: unknown,
  allowed: readonly T[],
): T {
  if (!allowed.includes(value as T)) {
    const list = allowed.map((one) => `'${one}'`).join(' or ');
    throw new TypeError(expected(name, list, value));
  }
  return value as T;
}
