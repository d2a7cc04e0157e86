import { expected } from '@outlive/core/internal';

/**
 * A whole number between two bounds.
 *
 * @param what - what is counted, for the message: `milliseconds`
 */
export function checkWithin(
  name: string,
  value: unknown,
  least: number,
  most: number,
  what: string,
): number {
  const allowed = `${what} from ${least} to ${most}`;
  if (typeof value !== 'number') throw new TypeError(expected(name, allowed, value));
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(expected(name, allowed, value));
  }
  return value;
}
