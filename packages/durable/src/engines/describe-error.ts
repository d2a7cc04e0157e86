import { inspect } from 'node:util';
import type { StoredError } from '../stored-job.ts';
import { fieldOf } from '../util/field-of.ts';

/** Longest message and longest stack that a store keeps, in characters. */
const mostCharacters = 10_000;
/** Longest name of an error, in characters. */
const longestName = 200;

/** A failure as text that every store takes. */
export function describeError(error: unknown): StoredError {
  const name = fieldOf(error, 'name');
  const message = fieldOf(error, 'message');
  const stack = fieldOf(error, 'stack');
  return {
    name: typeof name === 'string' && name !== '' ? storable(name.slice(0, longestName)) : 'Error',
    message: storable(typeof message === 'string' ? message : printed(error)),
    ...(typeof stack === 'string' && { stack: storable(stack) }),
  };
}

function printed(value: unknown): string {
  try {
    return inspect(value);
  } catch {
    return 'What was thrown cannot be read';
  }
}

/** PostgreSQL takes neither NUL nor halves of surrogate pairs, which a buffer replaces. */
export function storable(text: string): string {
  return Buffer.from(text.slice(0, mostCharacters)).toString().replaceAll('\0', '\uFFFD');
}
