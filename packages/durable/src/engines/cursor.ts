import { createHash } from 'node:crypto';

/** A place in the list of jobs, as text that says nothing to those who pass it on, and that nobody can have made up. */
export function encodeCursor(time: string, id: string): string {
  return Buffer.from(`${checkOf(time, id)} ${time} ${id}`).toString('base64url');
}

/** @throws RangeError for what {@link encodeCursor} has not made */
export function decodeCursor(cursor: string): [time: string, id: string] {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [check = '', time = ''] = text.split(' ', 2);
  const id = text.slice(check.length + time.length + 2);
  if (check === checkOf(time, id) && encodeCursor(time, id) === cursor) return [time, id];
  throw badCursor(cursor);
}

function checkOf(time: string, id: string): string {
  return createHash('sha256').update(`${time} ${id}`).digest('base64url').slice(0, 6);
}

export function badCursor(cursor: string): RangeError {
  return new RangeError(
    `Expected \`after\` to be the \`next\` of a page, got '${cursor.slice(0, 100)}'`,
  );
}
