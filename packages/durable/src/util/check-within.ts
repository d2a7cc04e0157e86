import { expected } from '@outlive/core/internal';

/**
 * A whole number between two bounds.
 *
 * @param what - what is counted, for the message: `milliseconds`
 * @param others - what else the caller takes, for the message: `, or Infinity`
 */
export function checkWithin(
  name: string,
  value: unknown,
  least: number,
  most: number,
  what: string,
  others: string = '',
): number {
  const allowed = `${what} from ${least} to ${most}${others}`;
  if (typeof value !== 'number') throw new TypeError(expected(name, allowed, value));
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(expected(name, allowed, value));
  }
  return value;
}
