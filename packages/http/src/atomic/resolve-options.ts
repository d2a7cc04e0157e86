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
  refuseRetry(options);
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

/** Said before the option would be found unknown: it is known to jobs. */
function refuseRetry(options: unknown): void {
  if ((options as { retry?: unknown } | undefined)?.retry === undefined) return;
  throw new TypeError(
    'An atomic handler cannot have `retry`: it answers one request, and what an attempt that failed has read or sent' +
      ' is gone. Retry a job that the handler spawns, or what the handler calls',
  );
}
