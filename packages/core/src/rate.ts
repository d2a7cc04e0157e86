import { checkCount, checkDuration } from './util/check.ts';
import { checkOptions } from './util/check-options.ts';

/** How often functions may start. */
export interface Rate {
  /** Functions that may start in any window of `per` ms, from 1; `Infinity` for no limit. */
  readonly starts: number;
  /** The length of the window in ms, above 0. */
  readonly per: number;
}

/** A rate of `Infinity` is none. @throws TypeError or RangeError for a bad rate, naming what is bad */
export function resolveRate(rate: Rate | undefined): Rate | undefined {
  if (rate === undefined) return undefined;
  const { starts, per } = checkOptions('rate', rate, { starts: true, per: true });
  const checked = {
    starts: checkCount('rate.starts', starts, 1),
    per: checkDuration('rate.per', per),
  };
  return starts === Infinity ? undefined : Object.freeze(checked);
}
