import {
  checkFinite,
  checkOptions,
  checkSignal,
  checkString,
  checkThenable,
  checkTime,
} from './check.ts';

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

/** Checked options. */
export interface ResolvedJobOptions {
  readonly name: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly priority: number;
  readonly after: Promise<unknown> | undefined;
}

const defaultJobOptions: ResolvedJobOptions = {
  name: undefined,
  signal: undefined,
  timeout: Infinity,
  priority: 0,
  after: undefined,
};

export function resolveJobOptions(options: JobOptions | undefined): ResolvedJobOptions {
  if (options === undefined) return defaultJobOptions;
  const { name, signal, timeout, priority, after } = checkOptions('options', options);
  return {
    name: name === undefined ? undefined : checkString('name', name),
    signal: signal === undefined ? undefined : checkSignal('signal', signal),
    timeout: timeout === undefined ? Infinity : checkTime('timeout', timeout),
    priority: priority === undefined ? 0 : checkFinite('priority', priority) + 0,
    after: after === undefined ? undefined : Promise.resolve(checkThenable('after', after)),
  };
}

/** What a finished job keeps of its options. */
export function withoutReferences(options: ResolvedJobOptions): ResolvedJobOptions {
  if (options.signal === undefined && options.after === undefined) return options;
  return { ...options, signal: undefined, after: undefined };
}
