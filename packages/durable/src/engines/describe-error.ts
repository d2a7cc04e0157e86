import { inspect } from 'node:util';

/** Longest message and longest stack that a store keeps, in characters. */
const mostCharacters = 10_000;

/** A failure as text that every store takes. */
export function describeError(error: unknown): { message: string; stack?: string } {
  const { message, stack } = (error ?? {}) as { message?: unknown; stack?: unknown };
  const text = typeof message === 'string' ? message : inspect(error);
  return { message: storable(text), ...(typeof stack === 'string' && { stack: storable(stack) }) };
}

/** PostgreSQL takes neither NUL nor halves of surrogate pairs, which a buffer replaces. */
function storable(text: string): string {
  return Buffer.from(text.slice(0, mostCharacters)).toString().replaceAll('\0', '\uFFFD');
}
