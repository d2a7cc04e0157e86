import {
  checkOneOf,
  checkOptions,
  expected,
  type KnownOptions,
  type ResolvedJobOptions,
  resolveJobOptions,
} from '@outlive/core/internal';
import type { AtomicOptions } from './options.ts';

export interface ResolvedAtomicOptions {
  readonly jobOptions: ResolvedJobOptions;
  readonly skipDisconnected: boolean;
  readonly waitsForRoom: boolean;
}

const known: KnownOptions<AtomicOptions> = {
  priority: true,
  timeout: true,
  name: true,
  skipDisconnected: true,
  overload: true,
};

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
  } = checkOptions('options', options, known);
  if (typeof skipDisconnected !== 'boolean') {
    throw new TypeError(expected('skipDisconnected', 'a boolean', skipDisconnected));
  }
  return {
    jobOptions: resolveJobOptions({ priority, timeout, name }),
    skipDisconnected,
    waitsForRoom: checkOneOf('overload', overload, ['reject', 'wait']) === 'wait',
  };
}
