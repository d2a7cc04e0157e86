import { inspect, types } from 'node:util';

/** Characters of a value that a message shows. */
const longest = 100;

/** The message of every error about bad input. */
export function expected(name: string, allowed: string, value: unknown): string {
  return `Expected \`${name}\` to be ${allowed}, got ${printed(value)} (${typeof value})`;
}

/** A value in one short line: an app, a request or a promise of a user's has hundreds of lines of fields. */
export function printed(value: unknown): string {
  // Its fields are symbols of whoever watches it, as async hooks do.
  if (types.isPromise(value)) return 'a Promise';
  const text = inspect(value, {
    depth: 0,
    breakLength: Infinity,
    maxArrayLength: 5,
    maxStringLength: longest,
  });
  if (typeof value === 'function') return text.replace(/ \{[^]*$/, '');
  if (typeof value !== 'object' || (text.length <= longest && !text.includes('\n'))) return text;
  const { constructor } = value as { constructor?: { name?: string } };
  return `${constructor?.name ?? 'Object'} {…}`;
}
