import type { HandlerOf } from './exceptions.ts';
import type { From, JobContext } from './job.ts';
import {
  checkCount,
  checkDuration,
  checkFinite,
  checkFunction,
  checkOneOf,
  checkOptions,
  checkSignal,
  checkString,
  checkThenable,
  checkTime,
  expected,
} from './util/check.ts';

/** How often functions may start. */
export interface Rate {
  /** Functions that may start in any window of `per` ms, from 1; `Infinity` for no limit. */
  readonly starts: number;
  /** The length of the window in ms, above 0. */
  readonly per: number;
}

/** The type of `SchedulerOptions`; `S` is the scheduler's class, which this file must not know. */
export interface SchedulerOptionsOf<S> {
  /** Functions that run at once, from 1. @defaultValue `100` */
  readonly limit?: number | undefined;
  /** Jobs that may wait for a slot; 0 means that none may. @defaultValue `10_000` */
  readonly pendingLimit?: number | undefined;
  /**
   * In no window of `per` ms, wherever it begins, do more than `starts` functions start: those of jobs, of their
   * further attempts and of atomic handlers, not those of shields. Jobs that it holds back are pending.
   * @defaultValue no limit
   */
  readonly rate?: Rate | undefined;
  /** Grace in ms that `drain()` and `waitAndClose()` give before they cancel. @defaultValue `25_000`, since Kubernetes kills at 30 s */
  readonly waitTimeout?: number | undefined;
  /** What a cancelled job gets to settle, in ms. @defaultValue `100` */
  readonly closeTimeout?: number | undefined;
  /** Gets every failure that nobody waited for, once, in the context of its `spawn()` call. May be async. @defaultValue prints to stderr */
  readonly exceptionHandler?: HandlerOf<S> | undefined;
  /**
   * The AsyncLocalStorage context that jobs see: that of the `spawn()` call, or that of the constructor.
   * @defaultValue `'caller'`
   */
  readonly context?: 'caller' | 'scheduler' | undefined;
  /** Printed with failures, readable as `scheduler.name`. */
  readonly name?: string | undefined;
  /**
   * Whether jobs of `defineJob()` (`@outlive/durable`) are meant to run on this scheduler, which has no store. If not, the
   * first one that does prints a process warning, unless `NODE_ENV` is `test`.
   * @defaultValue `false`
   */
  readonly localJobs?: boolean | undefined;
}

/** How one job runs. Everything is optional. */
export interface JobOptions {
  /** Shown in reports and printed with failures. */
  readonly name?: string | undefined;
  /**
   * Aborting it cancels the job; a pending job is removed at once and its function never called.
   * Any number of jobs may share one signal: a scheduler puts one listener on it, and takes it off again.
   */
  readonly signal?: AbortSignal | undefined;
  /** Run time in ms after which the job is cancelled. Its slot is released when its function has settled. @defaultValue no limit */
  readonly timeout?: number | undefined;
  /** Larger starts earlier; every 16th start takes the oldest job all the same. @defaultValue `0` */
  readonly priority?: number | undefined;
  /** The job does not start before this has settled, either way; until then it is pending. */
  readonly after?: PromiseLike<unknown> | undefined;
}

/** Bounds of one `drain()` or `waitAndClose()`. */
export interface DrainOptions {
  /** Grace in ms before what is left is cancelled. @defaultValue the scheduler's `waitTimeout` */
  readonly timeout?: number | undefined;
  /** What cancelled jobs get to settle, in ms, once for all of them. @defaultValue the scheduler's `closeTimeout` */
  readonly closeTimeout?: number | undefined;
  /** The job that makes the call and waits for it, or several: left out, since its end would be waited for by itself. */
  readonly from?: From | undefined;
}

/** Checked options. */
export interface ResolvedSchedulerOptions<S> {
  readonly limit: number;
  readonly pendingLimit: number;
  readonly rate: Rate | undefined;
  readonly waitTimeout: number;
  readonly closeTimeout: number;
  readonly exceptionHandler: HandlerOf<S> | undefined;
  readonly context: 'caller' | 'scheduler';
  readonly name: string | undefined;
  readonly localJobs: boolean;
}

export interface ResolvedJobOptions {
  readonly name: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly priority: number;
  readonly after: Promise<unknown> | undefined;
}

export interface ResolvedDrainOptions {
  readonly timeout: number;
  readonly closeTimeout: number;
  readonly from: readonly JobContext[];
}

/** @throws TypeError or RangeError for a bad option, naming it */
export function resolveSchedulerOptions<S>(
  options: SchedulerOptionsOf<S> | undefined,
): ResolvedSchedulerOptions<S> {
  const {
    limit = 100,
    pendingLimit = 10_000,
    rate,
    waitTimeout = 25_000,
    closeTimeout = 100,
    exceptionHandler,
    context = 'caller',
    name,
    localJobs = false,
  } = checkOptions('options', options);
  if (typeof localJobs !== 'boolean') {
    throw new TypeError(expected('localJobs', 'a boolean', localJobs));
  }
  if (exceptionHandler !== undefined) checkFunction('exceptionHandler', exceptionHandler);
  return {
    limit: checkCount('limit', limit, 1),
    pendingLimit: checkCount('pendingLimit', pendingLimit, 0),
    rate: resolveRate(rate),
    waitTimeout: checkTime('waitTimeout', waitTimeout),
    closeTimeout: checkTime('closeTimeout', closeTimeout),
    exceptionHandler,
    context: checkOneOf('context', context, ['caller', 'scheduler']),
    name: name === undefined ? undefined : checkString('name', name),
    localJobs,
  };
}

/** No rate is one of `Infinity`. @throws TypeError or RangeError for a bad rate, naming what is bad */
export function resolveRate(rate: Rate | undefined): Rate | undefined {
  if (rate === undefined) return undefined;
  const { starts, per } = checkOptions('rate', rate);
  const checked = {
    starts: checkCount('rate.starts', starts, 1),
    per: checkDuration('rate.per', per),
  };
  return starts === Infinity ? undefined : Object.freeze(checked);
}

/** Of all jobs that were spawned without options: one object, since most are. */
export const noJobOptions: ResolvedJobOptions = {
  name: undefined,
  signal: undefined,
  timeout: Infinity,
  priority: 0,
  after: undefined,
};

/** @throws TypeError or RangeError for a bad option, naming it */
export function resolveJobOptions(options: JobOptions | undefined): ResolvedJobOptions {
  if (options === undefined) return noJobOptions;
  const { name, signal, timeout, priority, after } = checkOptions('options', options);
  return {
    name: name === undefined ? undefined : checkString('name', name),
    signal: signal === undefined ? undefined : checkSignal('signal', signal),
    timeout: timeout === undefined ? Infinity : checkTime('timeout', timeout),
    // Adding 0 turns -0 into 0, which is another key of a level of priority.
    priority: priority === undefined ? 0 : checkFinite('priority', priority) + 0,
    after: after === undefined ? undefined : Promise.resolve(checkThenable('after', after)),
  };
}

/** @throws TypeError or RangeError for a bad option, naming it */
export function resolveDrainOptions(
  options: DrainOptions | undefined,
  defaults: { readonly waitTimeout: number; readonly closeTimeout: number },
): ResolvedDrainOptions {
  const {
    timeout = defaults.waitTimeout,
    closeTimeout = defaults.closeTimeout,
    from,
  } = checkOptions('options', options);
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

/** The `signal` of calls that have one. @throws TypeError for anything else */
export function resolveSignal(
  options: { signal?: AbortSignal | undefined } | undefined,
): AbortSignal | undefined {
  const { signal } = checkOptions('options', options);
  return signal === undefined ? undefined : checkSignal('signal', signal);
}
