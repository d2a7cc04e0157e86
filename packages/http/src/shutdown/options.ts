import { constants } from 'node:os';
import type { Scheduler } from '@outlive/core';
import {
  checkFunction,
  checkOptions,
  checkScheduler,
  checkTime,
  expected,
  type KnownOptions,
} from '@outlive/core/internal';
import { type ShutdownLogger, silentLogger, unfailing } from './logger.ts';

/** How a server is shut down. Everything is optional; times are milliseconds. */
export interface ShutdownOptions {
  /** What begins it; `[]` for none, then `shutdown()` does. @defaultValue `['SIGTERM', 'SIGINT']` */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /**
   * A message of the parent process that begins it as well, whether a signal can come or not: PM2 sends
   * `'shutdown'` where it is told to (`shutdown_with_message`), on Windows above all.
   * @defaultValue none
   */
  readonly message?: string | undefined;
  /** ms of normal service after `ready` has turned false, so that load balancers can look away first. @defaultValue `0` */
  readonly delay?: number | undefined;
  /** ms that requests and jobs get to finish once listening has stopped. @defaultValue `25_000`, since Kubernetes kills at 30 s */
  readonly timeout?: number | undefined;
  /** Schedulers to close. @defaultValue those attached to the servers */
  readonly scheduler?: Scheduler | readonly Scheduler[] | undefined;
  /**
   * Called when all work has ended: close the database here. It is awaited for as long as `timeout` once
   * more, at least 5 s; then that is logged as an error, and the shutdown ends without it.
   * @defaultValue nothing
   */
  readonly onShutdown?: (() => void | PromiseLike<void>) | undefined;
  /** What the steps and the report are logged to. @defaultValue silent, but for an `onShutdown` that fails */
  readonly logger?: ShutdownLogger | undefined;
}

export interface ResolvedShutdownOptions {
  readonly signals: readonly NodeJS.Signals[];
  readonly message: string | undefined;
  readonly delay: number;
  readonly timeout: number;
  readonly schedulers: readonly Scheduler[];
  readonly onShutdown: () => void | PromiseLike<void>;
  readonly logger: ShutdownLogger;
}

const known: KnownOptions<ShutdownOptions> = {
  signals: true,
  message: true,
  delay: true,
  timeout: true,
  scheduler: true,
  onShutdown: true,
  logger: true,
};

const noop = (): void => undefined;

export function resolveShutdownOptions(
  options: ShutdownOptions | undefined,
): ResolvedShutdownOptions {
  const {
    signals = ['SIGTERM', 'SIGINT'],
    message,
    delay = 0,
    timeout = 25_000,
    scheduler = [],
    onShutdown = noop,
    logger = silentLogger,
  } = checkOptions('options', options, known);
  if (!Array.isArray(signals) || !signals.every(canBeHandled)) {
    throw new TypeError(
      expected('signals', 'an array of names of signals that can be handled', signals),
    );
  }
  if (message !== undefined && (typeof message !== 'string' || message === '')) {
    throw new TypeError(expected('message', 'a string that is not empty', message));
  }
  const schedulers = [scheduler].flat().map((each: unknown) => checkScheduler('scheduler', each));
  checkFunction('onShutdown', onShutdown);
  for (const method of ['info', 'warn', 'error'] as const) {
    checkFunction(`logger.${method}`, (logger as Partial<ShutdownLogger> | null)?.[method]);
  }
  return {
    signals: [...new Set(signals as NodeJS.Signals[])],
    message,
    delay: checkTime('delay', delay),
    timeout: checkTime('timeout', timeout),
    schedulers,
    onShutdown,
    logger: unfailing(logger),
  };
}

function canBeHandled(signal: string): boolean {
  return Object.hasOwn(constants.signals, signal) && signal !== 'SIGKILL' && signal !== 'SIGSTOP';
}
