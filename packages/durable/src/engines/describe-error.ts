import { inspect } from 'node:util';

const mostCharacters = 10_000;

/** What is stored of a failure: text that every store takes. */
export function describeError(error: unknown): { message: string; stack?: string } {
  const { message, stack } = (error ?? {}) as { message?: unknown; stack?: unknown };
  const said = typeof message === 'string' ? message : inspect(error);
  return { message: storable(said), ...(typeof stack === 'string' && { stack: storable(stack) }) };
}

function storable(text: string): string {
  // Through a buffer: halves of surrogate pairs become replacement characters.
  return Buffer.from(text.slice(0, mostCharacters)).toString().replaceAll('\0', '\uFFFD');
}
