import {
  checkCount,
  checkFunction,
  checkOneOf,
  checkOptions,
  checkSignal,
  checkString,
  checkTime,
} from './check.ts';
import type { ExceptionHandler } from './exceptions.ts';

/** How a scheduler runs its jobs. Everything is optional; times are milliseconds; `Infinity` means "no limit". */
export interface SchedulerOptions {
  /** Functions that run at once, from 1. @defaultValue `100` */
  readonly limit?: number | undefined;
  /** Jobs that may wait for a slot; 0 means that none may. @defaultValue `10_000` */
  readonly pendingLimit?: number | undefined;
  /** Grace in ms that `drain()` and `waitAndClose()` give before they cancel. @defaultValue `25_000`, since Kubernetes kills at 30 s */
  readonly waitTimeout?: number | undefined;
  /** What a cancelled job gets to settle, in ms. @defaultValue `100` */
  readonly closeTimeout?: number | undefined;
  /** Told of every failure that nobody waited for. May be async. @defaultValue prints to stderr */
  readonly exceptionHandler?: ExceptionHandler | undefined;
  /**
   * The AsyncLocalStorage context that jobs see: that of the `spawn()` call, or that of the constructor.
   * @defaultValue `'caller'`
   */
  readonly context?: 'caller' | 'scheduler' | undefined;
  /** Printed with failures, readable as `scheduler.name`. */
  readonly name?: string | undefined;
}

/** Checked options. */
export interface ResolvedSchedulerOptions {
  readonly limit: number;
  readonly pendingLimit: number;
  readonly waitTimeout: number;
  readonly closeTimeout: number;
  readonly exceptionHandler: ExceptionHandler | undefined;
  readonly context: 'caller' | 'scheduler';
  readonly name: string | undefined;
}

export function resolveSchedulerOptions(
  options: SchedulerOptions | undefined,
): ResolvedSchedulerOptions {
  const {
    limit = 100,
    pendingLimit = 10_000,
    waitTimeout = 25_000,
    closeTimeout = 100,
    exceptionHandler,
    context = 'caller',
    name,
  } = checkOptions('options', options);
  if (exceptionHandler !== undefined) checkFunction('exceptionHandler', exceptionHandler);
  return {
    limit: checkCount('limit', limit, 1),
    pendingLimit: checkCount('pendingLimit', pendingLimit, 0),
    waitTimeout: checkTime('waitTimeout', waitTimeout),
    closeTimeout: checkTime('closeTimeout', closeTimeout),
    exceptionHandler,
    context: checkOneOf('context', context, ['caller', 'scheduler']),
    name: name === undefined ? undefined : checkString('name', name),
  };
}

/** Bounds of one `drain()` or `waitAndClose()`. */
export interface DrainOptions {
  /** Grace in ms before what is left is cancelled. @defaultValue the scheduler's `waitTimeout` */
  readonly timeout?: number | undefined;
  /** What cancelled jobs get to settle, in ms, once for all of them. @defaultValue the scheduler's `closeTimeout` */
  readonly closeTimeout?: number | undefined;
}

export function resolveDrainOptions(
  options: DrainOptions | undefined,
  defaults: { readonly waitTimeout: number; readonly closeTimeout: number },
): { timeout: number; closeTimeout: number } {
  const { timeout = defaults.waitTimeout, closeTimeout = defaults.closeTimeout } = checkOptions(
    'options',
    options,
  );
  return {
    timeout: checkTime('timeout', timeout),
    closeTimeout: checkTime('closeTimeout', closeTimeout),
  };
}

/** The `signal` of calls that take nothing else. */
export function resolveSignal(
  options: { signal?: AbortSignal | undefined } | undefined,
): AbortSignal | undefined {
  const { signal } = checkOptions('options', options);
  return signal === undefined ? undefined : checkSignal('signal', signal);
}
