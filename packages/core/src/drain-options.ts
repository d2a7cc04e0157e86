import type { From, JobContext } from './job.ts';
import { checkSignal, checkTime } from './util/check.ts';
import { checkOptions, type KnownOptions } from './util/check-options.ts';
import { expected } from './util/expected.ts';

/** Bounds of one `drain()` or `waitAndClose()`. */
export interface DrainOptions {
  /** Grace in ms before what is left is cancelled. @defaultValue the scheduler's `waitTimeout` */
  readonly timeout?: number | undefined;
  /** What cancelled jobs get to settle, in ms, once for all of them. @defaultValue the scheduler's `closeTimeout` */
  readonly closeTimeout?: number | undefined;
  /** The job that makes the call and waits for it, or several: left out, since its end would be waited for by itself. */
  readonly from?: From | undefined;
}

export interface ResolvedDrainOptions {
  readonly timeout: number;
  readonly closeTimeout: number;
  readonly from: readonly JobContext[];
}

const drainOptionNames: KnownOptions<DrainOptions> = {
  timeout: true,
  closeTimeout: true,
  from: true,
};

/** @throws TypeError or RangeError for a bad option, naming it */
export function resolveDrainOptions(
  options: DrainOptions | undefined,
  defaults: { readonly waitTimeout: number; readonly closeTimeout: number },
): ResolvedDrainOptions {
  const {
    timeout = defaults.waitTimeout,
    closeTimeout = defaults.closeTimeout,
    from,
  } = checkOptions('options', options, drainOptionNames);
  return {
    timeout: checkTime('timeout', timeout),
    closeTimeout: checkTime('closeTimeout', closeTimeout),
    from: resolveFrom(from),
  };
}

/** @throws TypeError for anything but a job, what a job's function is given, or an array of them */
export function resolveFrom(from: From | undefined): readonly JobContext[] {
  if (from === undefined) return [];
  const jobs: readonly unknown[] = Array.isArray(from) ? [...(from as readonly unknown[])] : [from];
  if (!jobs.every(isJobContext)) {
    throw new TypeError(expected('from', 'a job, or an array of jobs', from));
  }
  return jobs;
}

/** By its shape, since the job may be of another copy of this package. Reads no signal, which would make one. */
function isJobContext(value: unknown): value is JobContext {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<JobContext>).id === 'number' &&
    'signal' in value &&
    'drainSignal' in value
  );
}

/** How a `shield()` may be left. */
export interface ShieldOptions {
  /** Aborting it rejects the promise that `shield()` gave, and leaves the work alone. @defaultValue none */
  readonly signal?: AbortSignal | undefined;
}

/** @throws TypeError for a bad option, naming it */
export function resolveShieldOptions(options: ShieldOptions | undefined): AbortSignal | undefined {
  const { signal } = checkOptions('options', options, { signal: true });
  return signal === undefined ? undefined : checkSignal('signal', signal);
}

export interface ResolvedIdleOptions {
  readonly signal: AbortSignal | undefined;
  readonly from: readonly JobContext[];
}

/** @throws TypeError for a bad option, naming it */
export function resolveIdleOptions(
  options: { signal?: AbortSignal | undefined; from?: From | undefined } | undefined,
): ResolvedIdleOptions {
  const { signal, from } = checkOptions('options', options, { signal: true, from: true });
  return {
    signal: signal === undefined ? undefined : checkSignal('signal', signal),
    from: resolveFrom(from),
  };
}
