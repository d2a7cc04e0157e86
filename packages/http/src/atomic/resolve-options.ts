import {
  checkBoolean,
  checkFunction,
  checkOneOf,
  checkOptions,
  type KnownOptions,
  type ResolvedJobOptions,
  resolveJobOptions,
} from '@outlive/core/internal';
import type { AtomicOptions } from './options.ts';

export interface ResolvedAtomicOptions {
  readonly jobOptions: ResolvedJobOptions;
  readonly keyOf: AtomicOptions['key'];
  readonly skipDisconnected: boolean;
  readonly waitsForRoom: boolean;
}

const known: KnownOptions<AtomicOptions> = {
  priority: true,
  timeout: true,
  name: true,
  skipDisconnected: true,
  overload: true,
  key: true,
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
    key,
  } = checkOptions('options', options, known);
  if (key !== undefined) checkFunction('key', key);
  return {
    jobOptions: resolveJobOptions({ priority, timeout, name }),
    keyOf: key,
    skipDisconnected: checkBoolean('skipDisconnected', skipDisconnected),
    waitsForRoom: checkOneOf('overload', overload, ['reject', 'wait']) === 'wait',
  };
}
