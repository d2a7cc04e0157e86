import { type ExceptionHandler, Scheduler, type SchedulerOptions } from '@outlive/core';
import {
  checkBoolean,
  checkOptions,
  checkScheduler,
  isScheduler,
  type KnownOptions,
  schedulerOptionNames,
} from '@outlive/core/internal';
import { checkCalled } from './wrong-caller.ts';

/** Options of a jobs middleware: those of the scheduler that it makes, or the scheduler to use. */
export interface JobsOptions extends SchedulerOptions {
  /** An existing scheduler; then no option of a new one may be given. @defaultValue a new one */
  readonly scheduler?: Scheduler | undefined;
  /**
   * Whether the close of a server waits for the jobs of its requests. Under supertest, which makes and
   * closes a server for every request, the answer is then seen when the jobs that it spawned have
   * settled: a test that holds a job back passes a listening server, or `false`.
   * @defaultValue `true`
   */
  readonly drainOnClose?: boolean | undefined;
}

export interface ResolvedJobsOptions {
  readonly scheduler: Scheduler;
  /** Whether the scheduler was made here. */
  readonly made: boolean;
  readonly drainOnClose: boolean;
}

const known: KnownOptions<JobsOptions> = {
  ...schedulerOptionNames,
  scheduler: true,
  drainOnClose: true,
};

/**
 * `report` is the exception handler of a scheduler made here, unless another is given: the framework's
 * own way of logging.
 *
 * @throws TypeError or RangeError at set-up, not at the first request
 */
export function resolveJobsOptions(
  options: JobsOptions | Scheduler | undefined,
  report?: ExceptionHandler,
): ResolvedJobsOptions {
  if (isScheduler(options)) {
    return { scheduler: options, made: false, drainOnClose: true };
  }
  checkCalled('jobsMiddleware', options);
  checkVersion(options);
  const {
    scheduler,
    drainOnClose = true,
    ...schedulerOptions
  } = checkOptions('options', options, known, 'an object or a Scheduler');
  checkBoolean('drainOnClose', drainOnClose);
  if (scheduler === undefined) {
    const { exceptionHandler = report } = schedulerOptions;
    const made = new Scheduler({ ...schedulerOptions, exceptionHandler });
    return { scheduler: made, made: true, drainOnClose };
  }
  checkScheduler('scheduler', scheduler);
  const [first] = Object.entries(schedulerOptions).filter(([, value]) => value !== undefined);
  if (first !== undefined) {
    throw new TypeError(
      `\`${first[0]}\` is an option of a new scheduler: give it to the Scheduler that you pass`,
    );
  }
  return { scheduler, made: false, drainOnClose };
}

/** A scheduler of another version is one that cannot be used, and not an object with bad options. */
function checkVersion(options: unknown): void {
  const { spawnNow } = (options ?? {}) as Partial<Scheduler>;
  if (typeof spawnNow === 'function') checkScheduler('options', options);
}
