import type { ResolvedRetry } from '../retry-options.ts';
import { expected } from '../util/expected.ts';
import { handled } from '../util/observed-promise.ts';

/**
 * ms until the next attempt; `undefined` for none.
 *
 * @throws what `when` throws, TypeError or RangeError for what it gives
 */
export function delayAfter(
  error: unknown,
  attempt: number,
  { delay, factor, maxDelay, jitter, when }: ResolvedRetry,
): number | undefined {
  const decision: unknown = when === undefined ? true : when(error, attempt);
  if (decision === false) return undefined;
  if (decision !== true) return checkDelay(decision, error);
  // 0 times a factor that has become Infinity would be no number.
  const computed = delay === 0 ? 0 : Math.min(maxDelay, delay * factor ** (attempt - 1));
  return jitter ? Math.random() * computed : computed;
}

/** The error of the attempt is the cause: it would be lost. */
function checkDelay(decision: unknown, cause: unknown): number {
  const message = expected('retry.when()', 'true, false or milliseconds from 0', decision);
  if (typeof decision !== 'number') {
    // An async function may reject as well: nobody else listens.
    void handled(Promise.resolve(decision));
    throw new TypeError(message, { cause });
  }
  if (!(decision >= 0 && decision < Infinity)) throw new RangeError(message, { cause });
  return decision;
}
