import { expected } from '@outlive/core/internal';

/**
 * What every store can keep as a key, or as a group.
 *
 * @throws TypeError
 */
export function checkKey(name: string, value: unknown): void {
  if (value === undefined || isKey(value)) return;
  throw new TypeError(expected(name, '1 to 200 characters without NUL', value));
}

function isKey(key: unknown): boolean {
  return (
    typeof key === 'string' &&
    key.length > 0 &&
    key.length <= 200 &&
    !key.includes('\0') &&
    Buffer.from(key).toString() === key // no half of a surrogate pair
  );
}
