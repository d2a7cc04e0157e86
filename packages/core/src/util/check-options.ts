import { forgottenAwait } from './check.ts';
import { expected, printed } from './expected.ts';
import { nearest } from './nearest.ts';

/** The names of the options of one call. */
export type KnownOptions<O> = Readonly<Record<keyof O, true>>;

/**
 * The options of a call: `undefined` means "all defaults", anything else must be a plain object with none
 * but known names.
 *
 * @throws TypeError
 */
export function checkOptions<O extends object>(
  name: string,
  value: O | undefined,
  known: KnownOptions<O>,
  allowed?: string,
): Partial<O> {
  if (value === undefined) return {};
  checkPlainObject(name, value, allowed);
  for (const key in value) if (known[key] !== true) refuseOption(key, value, known);
  return value;
}

/** Not a Map, a Date, or another instance of a class. */
export function checkPlainObject(
  name: string,
  value: unknown,
  allowed: string = 'an object',
): asserts value is object {
  if (typeof value === 'object' && value !== null) {
    const { constructor } = value as { constructor?: unknown };
    if (constructor === Object || constructor === undefined) return;
    // By its name: the object may be of another realm.
    if (typeof constructor === 'function' && constructor.name === 'Object') return;
  }
  throw new TypeError(expected(name, allowed, value) + forgottenAwait(value));
}

/** @throws TypeError for a name that is not known, with the one that was probably meant */
export function refuseOption(key: string, options: object, known: object): void {
  // Somebody has added it to all objects.
  if (key in Object.prototype) return;
  const names = Object.keys(known);
  const meant = nearest(key, names);
  const question = meant === undefined ? '' : ` Did you mean \`${meant}\`?`;
  const value = printed((options as Readonly<Record<string, unknown>>)[key]);
  throw new TypeError(
    `Unknown option \`${key}\`, got ${value}.${question} Allowed: ${names.join(', ')}`,
  );
}
