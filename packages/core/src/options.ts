import type { HandlerOf } from './exceptions.ts';
import { type Rate, resolveRate } from './rate.ts';
import { resolveRetry, type ResolvedRetry, type RetryOptions } from './retry-options.ts';
import {
  checkBoolean,
  checkCount,
  checkFinite,
  checkFunction,
  checkOneOf,
  checkSignal,
  checkString,
  checkThenable,
  checkTime,
} from './util/check.ts';
import {
  checkOptions,
  checkPlainObject,
  type KnownOptions,
  refuseOption,
} from './util/check-options.ts';

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
  /** Functions of one `key` that run at once, from 1, or what gives that for a key. @defaultValue `Infinity` */
  readonly perKey?: number | ((key: string) => number) | undefined;
  /**
   * Whether free slots go round the keys that wait, rather than to whichever key has queued most. Jobs without a
   * key take turns as one. @defaultValue `false`
   */
  readonly fair?: boolean | undefined;
  /**
   * Time in ms: when every slot is taken, jobs wait, and none has settled for so long, a process warning names the jobs
   * that run, and `outlive:scheduler:stall` is published. `Infinity`: never. @defaultValue `60_000`
   */
  readonly stallTimeout?: number | undefined;
  /**
   * Whether jobs of `defineJob()` (`@outlive/durable`) are meant to run on this scheduler, which has no store. If not, the
   * first one that does prints a process warning, unless `NODE_ENV` is `test`.
   * @defaultValue `false`
   */
  readonly localJobs?: boolean | undefined;
}

/** How one job runs. Everything is optional. */
export interface JobOptions {
  /** Shown in reports and printed with failures. @defaultValue none */
  readonly name?: string | undefined;
  /**
   * Aborting it cancels the job; a pending job is removed at once and its function never called.
   * Any number of jobs may share one signal: a scheduler puts one listener on it, and takes it off again.
   * @defaultValue none
   */
  readonly signal?: AbortSignal | undefined;
  /** Run time in ms after which the job is cancelled. Its slot is released when its function has settled. @defaultValue no limit */
  readonly timeout?: number | undefined;
  /** Larger starts earlier; every 16th start takes the oldest job all the same. @defaultValue `0` */
  readonly priority?: number | undefined;
  /** The job does not start before this has settled, either way; until then it is pending. @defaultValue none */
  readonly after?: PromiseLike<unknown> | undefined;
  /**
   * Whom the job is for: a tenant, a host, an account. Jobs of one key share the scheduler's `perKey`; one whose
   * key has as many running as it may is passed over, and keeps its place.
   * @defaultValue none: no `perKey` holds for it
   */
  readonly key?: string | undefined;
  /**
   * How often the function is called again when it fails; a number stands for `{ retries }`. Between two attempts the
   * job is pending and holds no slot. The last error is the job's. A job that is cancelled, by its `timeout` too, is
   * not tried again. @defaultValue no further attempt
   */
  readonly retry?: number | RetryOptions | undefined;
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
  readonly perKey: number | ((key: string) => number);
  readonly fair: boolean;
  readonly stallTimeout: number;
  readonly localJobs: boolean;
}

export interface ResolvedJobOptions {
  readonly name: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly priority: number;
  readonly after: Promise<unknown> | undefined;
  readonly key: string | undefined;
  readonly retry: ResolvedRetry | undefined;
}

export const schedulerOptionNames: KnownOptions<SchedulerOptionsOf<never>> = {
  limit: true,
  pendingLimit: true,
  rate: true,
  waitTimeout: true,
  closeTimeout: true,
  exceptionHandler: true,
  context: true,
  name: true,
  localJobs: true,
  perKey: true,
  fair: true,
  stallTimeout: true,
};

const jobOptionNames: KnownOptions<JobOptions> = {
  name: true,
  signal: true,
  timeout: true,
  priority: true,
  after: true,
  key: true,
  retry: true,
};

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
    perKey = Infinity,
    fair = false,
    stallTimeout = 60_000,
    localJobs = false,
  } = checkOptions<SchedulerOptionsOf<S>>('options', options, schedulerOptionNames);
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
    perKey: typeof perKey === 'function' ? perKey : checkCount('perKey', perKey, 1),
    fair: checkBoolean('fair', fair),
    stallTimeout: checkTime('stallTimeout', stallTimeout),
    localJobs: checkBoolean('localJobs', localJobs),
  };
}

/** Of all jobs that were spawned without options: one object, since most are. */
export const noJobOptions: ResolvedJobOptions = {
  name: undefined,
  signal: undefined,
  timeout: Infinity,
  priority: 0,
  after: undefined,
  key: undefined,
  retry: undefined,
};

/** @throws TypeError or RangeError for a bad option, naming it */
export function resolveJobOptions(options: JobOptions | undefined): ResolvedJobOptions {
  if (options === undefined) return noJobOptions;
  checkPlainObject('options', options);
  for (const each in options) if (!isJobOption(each)) refuseOption(each, options, jobOptionNames);
  const { name, signal, timeout, priority, after, key, retry } = options;
  return {
    name: name === undefined ? undefined : checkString('name', name),
    signal: signal === undefined ? undefined : checkSignal('signal', signal),
    timeout: timeout === undefined ? Infinity : checkTime('timeout', timeout),
    // Adding 0 turns -0 into 0, which is another key of a level of priority.
    priority: priority === undefined ? 0 : checkFinite('priority', priority) + 0,
    after: after === undefined ? undefined : Promise.resolve(checkThenable('after', after)),
    key: key === undefined ? undefined : checkString('key', key),
    retry: retry === undefined ? undefined : resolveRetry(retry),
  };
}

/** By comparisons, since jobs are many: a look-up among the names takes four times as long. */
function isJobOption(option: string): boolean {
  switch (option as keyof JobOptions) {
    case 'name':
    case 'signal':
    case 'timeout':
    case 'priority':
    case 'after':
    case 'key':
    case 'retry':
      return true;
    default:
      return false;
  }
}
