/** A place in the list of jobs, as text that says nothing to those who pass it on. */
export function encodeCursor(time: string, id: string): string {
  return Buffer.from(`${time} ${id}`).toString('base64url');
}

/**
 * @param timeFormat - what the time looks like
 * @throws RangeError for what is no cursor of this store
 */
export function decodeCursor(cursor: string, timeFormat: RegExp): [time: string, id: string] {
  const [time = '', id = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (timeFormat.test(time) && id !== '' && rest.length === 0) return [time, id];
  throw badCursor(cursor);
}

export function badCursor(cursor: string): RangeError {
  return new RangeError(
    `Expected \`after\` to be the \`next\` of a page, got '${cursor.slice(0, 100)}'`,
  );
}
