/** A place in the list of jobs, as text that says nothing to those who pass it on. */
export function encodeCursor(time: string, id: string): string {
  return Buffer.from(`${time} ${id}`).toString('base64url');
}

/** @throws RangeError for what is no cursor */
export function decodeCursor(cursor: string): [time: string, id: string] {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [time = ''] = text.split(' ', 1);
  const id = text.slice(time.length + 1);
  if (/^\d{1,16}$/.test(time) && id !== '') return [time, id];
  throw badCursor(cursor);
}

export function badCursor(cursor: string): RangeError {
  return new RangeError(
    `Expected \`after\` to be the \`next\` of a page, got '${cursor.slice(0, 100)}'`,
  );
}
