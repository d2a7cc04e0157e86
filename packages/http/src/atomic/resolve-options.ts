import {
  checkOneOf,
  checkOptions,
  expected,
  type ResolvedJobOptions,
  resolveJobOptions,
} from '@outlive/core/internal';
import type { AtomicOptions } from './options.ts';

export interface ResolvedAtomicOptions {
  readonly job: ResolvedJobOptions;
  readonly skipDisconnected: boolean;
  readonly overload: 'reject' | 'wait';
}

/** @throws TypeError or RangeError for a bad option, naming it */
export function resolveAtomicOptions(
  options: AtomicOptions | undefined,
  handlerName: string,
): ResolvedAtomicOptions {
  const {
    priority = 1,
    timeout,
    name = handlerName === '' ? undefined : handlerName,
    skipDisconnected = false,
    overload = 'reject',
  } = checkOptions('options', options);
  if (typeof skipDisconnected !== 'boolean') {
    throw new TypeError(expected('skipDisconnected', 'a boolean', skipDisconnected));
  }
  return {
    job: resolveJobOptions({ priority, timeout, name }),
    skipDisconnected,
    overload: checkOneOf('overload', overload, ['reject', 'wait']),
  };
}
