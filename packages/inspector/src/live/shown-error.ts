import type { ShownError } from '../wire.ts';
import { fieldOf, printed, shownLine, shownText } from './shown-text.ts';

/** Characters of an error that are shown. */
const longestName = 100;
const longestMessage = 1_000;
const longestStack = 8_000;
/** Causes below causes that are shown. */
const deepestCause = 3;

/** What names the kind of an error, without its stack: to make that costs more than all the rest. */
export function errorHeading(error: unknown): { readonly name: string; readonly message: string } {
  const name = fieldOf(error, 'name');
  const message = fieldOf(error, 'message');
  const isError = typeof message === 'string';
  return {
    name: shownLine(typeof name === 'string' && isError ? name : 'Thrown', longestName),
    message: shownText(isError ? message : printed(error, longestMessage), longestMessage),
  };
}

/** An error with its stack and its causes. */
export function shownError(error: unknown): ShownError {
  return { ...errorHeading(error), stack: stackOf(error) };
}

function stackOf(error: unknown): string | null {
  const parts: string[] = [];
  let each = error;
  for (let depth = 0; depth <= deepestCause && each !== undefined && each !== null; depth += 1) {
    const stack = fieldOf(each, 'stack');
    const { name, message } = errorHeading(each);
    if (typeof stack === 'string') parts.push(stack);
    else if (depth > 0) parts.push(`${name}: ${message}`);
    each = fieldOf(each, 'cause');
  }
  if (parts.length === 0) return null;
  return shownText(parts.join('\n\nCaused by: '), longestStack);
}
