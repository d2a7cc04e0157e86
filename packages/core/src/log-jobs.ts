import { observe } from './events.ts';
import type { JobSettleEvent } from './events.ts';
import { linesTo, type JobLogger, type LogLevel } from './util/log-lines.ts';
import { checkFunction, checkOneOf } from './util/check.ts';
import {
  checkOptions,
  checkPlainObject,
  type KnownOptions,
  refuseOption,
} from './util/check-options.ts';

export type { JobLogger, LogLevel };

/** What is logged at which level; `false`: not at all. */
export interface LogLevels {
  /** Jobs that gave a result. @defaultValue `'info'` */
  readonly completed?: LogLevel | false | undefined;
  /** Jobs that failed. @defaultValue `'error'` */
  readonly failed?: LogLevel | false | undefined;
  /** Jobs that were cancelled. @defaultValue `'warn'` */
  readonly cancelled?: LogLevel | false | undefined;
  /** Attempts that failed, with another to come. @defaultValue `'warn'` */
  readonly retried?: LogLevel | false | undefined;
  /** Calls that made no job. @defaultValue `'warn'` */
  readonly refused?: LogLevel | false | undefined;
  /** Schedulers that are stuck. @defaultValue `'error'` */
  readonly stalled?: LogLevel | false | undefined;
  /** Drains that begin. @defaultValue `'info'` */
  readonly draining?: LogLevel | false | undefined;
  /** Schedulers that close. @defaultValue `'info'` */
  readonly closed?: LogLevel | false | undefined;
}

/** Options of {@link logJobs}. */
export interface LogJobsOptions {
  /** What is logged at which level. @defaultValue those of each property of `LogLevels` */
  readonly levels?: LogLevels | undefined;
  /** The id of a raw request. @defaultValue its `id` if it has one, else its header `x-request-id` */
  readonly requestId?: ((request: object) => unknown) | undefined;
}

const defaultLevels: Required<LogLevels> = {
  completed: 'info',
  failed: 'error',
  cancelled: 'warn',
  retried: 'warn',
  refused: 'warn',
  stalled: 'error',
  draining: 'info',
  closed: 'info',
};
const known: KnownOptions<LogJobsOptions> = { levels: true, requestId: true };

/**
 * Logs what becomes of the jobs of all schedulers of the process, with the ids of their requests: to pino, winston,
 * `console`, or anything with their methods.
 *
 * @returns what ends the logging
 * @throws TypeError for anything but a logger, or for a bad option
 * @example
 * ```ts
 * import { logJobs, Scheduler } from '@outlive/core';
 *
 * const stop = logJobs(console, { levels: { completed: false } });
 * await new Scheduler().spawn(() => 42); // not logged
 * stop();
 * ```
 */
export function logJobs(logger: JobLogger, options?: LogJobsOptions): () => void {
  const { levels, requestId = idOf } = checkOptions('options', options, known);
  checkFunction('requestId', requestId);
  const resolved = resolveLevels(levels);
  const write = linesTo(logger);
  const log = (what: keyof LogLevels, message: string, fields: object): void => {
    const level = resolved[what];
    if (level !== false && level !== undefined) write(level, message, fields);
  };
  const requestFields = (request: object | undefined): object => {
    const id = request && requestId(request);
    return id === undefined ? {} : { requestId: id };
  };
  const stops = [
    observe('outlive:job:settle', (event) => {
      const { request, outcome, error } = event;
      const fields = { ...jobFields(event), ...requestFields(request) };
      log(outcome, `Job ${outcome}`, outcome === 'completed' ? fields : { ...fields, err: error });
    }),
    observe('outlive:job:retry', ({ job, scheduler, request, attempt, run, delay, error }) => {
      const fields = { ...jobFields({ job, scheduler, attempt, run }), ...requestFields(request) };
      log('retried', 'Job failed, and is tried again', { ...fields, delay, err: error });
    }),
    observe('outlive:job:refuse', ({ name, scheduler, request, error }) => {
      const fields = { job: name, scheduler: scheduler.name, ...requestFields(request) };
      log('refused', 'Job refused', { ...fields, err: error });
    }),
    observe('outlive:scheduler:stall', ({ scheduler, active, pending, stalledFor }) => {
      const jobs = active.map(({ id, name }) => name ?? id);
      log('stalled', 'Scheduler stalled', { scheduler: scheduler.name, jobs, pending, stalledFor });
    }),
    observe('outlive:scheduler:drain', ({ scheduler, timeout }) => {
      log('draining', 'Scheduler draining', { scheduler: scheduler.name, timeout });
    }),
    observe('outlive:scheduler:close', ({ scheduler }) => {
      log('closed', 'Scheduler closed', { scheduler: scheduler.name });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function jobFields({
  job,
  scheduler,
  attempt,
  wait,
  run,
}: Pick<JobSettleEvent, 'job' | 'scheduler' | 'attempt' | 'run'> & { wait?: number }): object {
  return { job: job.name, jobId: job.id, scheduler: scheduler.name, attempt, wait, run };
}

function idOf(request: object): unknown {
  const { id, headers } = request as { id?: unknown; headers?: Record<string, unknown> };
  return id ?? headers?.['x-request-id'];
}

function resolveLevels(levels: LogLevels | undefined): LogLevels {
  if (levels === undefined) return defaultLevels;
  checkPlainObject('levels', levels);
  for (const [what, level] of Object.entries(levels)) {
    if (!(what in defaultLevels)) refuseOption(what, levels, defaultLevels);
    if (level !== undefined && level !== false) {
      checkOneOf(`levels.${what}`, level as LogLevel, ['debug', 'info', 'warn', 'error']);
    }
  }
  const given = Object.entries(levels).filter(([, level]) => level !== undefined);
  return { ...defaultLevels, ...(Object.fromEntries(given) as LogLevels) };
}
