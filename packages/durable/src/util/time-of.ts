import { isDate } from 'node:util/types';

/**
 * The epoch ms that a Date, also one of another realm, or a number stands for; `undefined` for anything else. A missing header
 * is `null`, and no time in 1970.
 */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'number' || isDate(value) ? Number(value) : NaN;
  return Number.isFinite(time) ? time : undefined;
}
