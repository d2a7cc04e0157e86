import {
  checkBoolean,
  checkOptions,
  checkTime,
  expected,
  type KnownOptions,
} from '@outlive/core/internal';
import type { KeepRules } from './backend.ts';
import {
  type Backoff,
  type BackoffFunction,
  type BackoffOptions,
  longestBackoff,
  resolveBackoff,
} from './backoff.ts';
import { type KeepOptions, resolveKeep } from './job-keep.ts';
import { checkJobName } from './job-name.ts';
import { checkLimit, checkRate, type RateLimit } from './limit-options.ts';
import { checkSchema, type StandardSchema } from './payload/standard-schema.ts';
import { type ResolvedSchedule, resolveSchedules, type Schedule } from './schedule-options.ts';
import { checkWithin } from './util/check-within.ts';

/** A job that has failed for good. */
export interface ExhaustedJob<P = unknown> {
  /** The id of the stored job. */
  readonly id: string;
  /** The name under which it was stored: of its definition, or one of the `aliases`. */
  readonly name: string;
  /** As it is stored: no schema has changed it. */
  readonly payload: P;
  /** What its last run failed with; a {@link JobFailedError} if the process of that died. */
  readonly error: unknown;
  /** The number of the last run. */
  readonly attempt: number;
}

/** How every job of one name is run. */
export interface JobDefinitionOptions<I = unknown, P = unknown> {
  /**
   * Further runs that a failing job gets, up to 1,000, or `Infinity`; a run that was handed back does not count.
   * @defaultValue `5`
   */
  readonly retries?: number | undefined;
  /**
   * Time in ms before the first retry; each further one waits twice as long, up to `maxBackoff`. Or how the times grow;
   * or a function of the attempt that failed, 1 for the first, and its error: if that throws, or returns no time, this is
   * reported, and the default is used. A retry is at most 1 s late.
   * @defaultValue `1_000`
   */
  readonly backoff?: number | BackoffOptions | BackoffFunction | undefined;
  /**
   * Time in ms, from 10,000, after which another process takes the job over if its process gives no sign of
   * life. It is renewed three times as often while the job runs, however long that takes: only a process
   * that died, lost its connection or blocked its event loop for so long loses it.
   * @defaultValue `30_000`
   */
  readonly leaseTime?: number | undefined;
  /** Run time in ms after which the job's signal aborts; the attempt counts as failed. @defaultValue no limit */
  readonly timeout?: number | undefined;
  /**
   * Former names of the job: what is stored under them is run too. Keep them until `depth()` shows none of their jobs.
   * @defaultValue none
   */
  readonly aliases?: readonly string[] | undefined;
  /**
   * The longest time in ms that a retry waits, up to a day, or `Infinity`, however often a `backoff` in ms has doubled, and whatever a function returns.
   * In an object it is called `maxDelay`.
   * @defaultValue a day
   */
  readonly maxBackoff?: number | undefined;
  /**
   * Called when a job has failed for good: no retry is left or wanted, or its process died in its last run. Once for each
   * job, in a process that has the definition; not at all if just that process dies at the same moment. May be async: its
   * run keeps its slot, and a shutdown waits for it, for `timeout` ms, or a minute if that is less; then nothing waits, which
   * is reported. What it throws goes to the exception handler.
   * @defaultValue none
   */
  readonly onExhausted?: ((job: ExhaustedJob<NoInfer<I>>) => unknown) | undefined;
  /**
   * How long its jobs are kept after their end: in ms, or `{ age, count }`. Those that failed for good and those that were
   * cancelled count as `failed`. Deleted at most 10 s late.
   * @defaultValue `{ completed: 86_400_000, failed: 2_592_000_000 }`, a day and 30 days
   */
  readonly keep?: KeepOptions | undefined;
  /**
   * Whether what the handler returns is kept as the job's `result`: JSON of at most 65,536 bytes. What is larger, or no JSON,
   * is left out and reported once.
   * @defaultValue `true`
   */
  readonly keepResult?: boolean | undefined;
  /** How many of its jobs run at once in this process. @defaultValue the `limit` of the scheduler */
  readonly limit?: number | undefined;
  /**
   * How many of its jobs that are stored with the same `group` run at once, in all processes. Not on Redis.
   * @defaultValue no limit
   */
  readonly perKey?: number | undefined;
  /** How many of its jobs start in a time, in all processes: `{ starts: 10, per: 1_000 }`. On Redis. @defaultValue no limit */
  readonly rate?: RateLimit | undefined;
  /**
   * When jobs are stored by themselves: a cron expression such as `'0 3 * * *'`, an object with more, or several. Of each
   * time that is due, one job is stored, however many processes run. The process that opened the store last decides: what
   * it does not define any more is over, also in processes of an earlier version that still run.
   * @defaultValue none
   */
  readonly schedule?:
    string | Schedule<NoInfer<I>> | readonly (string | Schedule<NoInfer<I>>)[] | undefined;
  /** The time zone of its schedules, an IANA name such as `Europe/Berlin`. @defaultValue `UTC` */
  readonly timezone?: string | undefined;
  /**
   * Any Standard Schema validator (Zod, Valibot, ArkType and others). It is asked when a job is spawned, and
   * again before each run: the handler gets its output. A stored payload that a newer schema refuses fails
   * for good.
   * @defaultValue none
   */
  readonly schema?: StandardSchema<I, P> | undefined;
}

export interface ResolvedDefinitionOptions {
  readonly retries: number;
  readonly backoff: Backoff;
  readonly leaseTime: number;
  readonly timeout: number;
  readonly aliases: readonly string[];
  readonly onExhausted: ((job: ExhaustedJob) => unknown) | undefined;
  readonly keep: KeepRules;
  readonly keepResult: boolean;
  readonly limit: number;
  readonly perKey: number | undefined;
  readonly rate: RateLimit | undefined;
  readonly schedules: readonly ResolvedSchedule[];
  readonly schema: StandardSchema | undefined;
}

// What every engine can do: pg-boss allows no heartbeat below ten seconds, and counts in 32 bits.
/** In ms. */
const shortestLease = 10_000;
const mostRetries = 1_000;
/** What stands for no limit: one more each second would take 30 years. */
export const unlimitedRetries = 1_000_000_000;

const known: KnownOptions<JobDefinitionOptions> = {
  retries: true,
  backoff: true,
  leaseTime: true,
  timeout: true,
  aliases: true,
  maxBackoff: true,
  onExhausted: true,
  keep: true,
  keepResult: true,
  limit: true,
  perKey: true,
  rate: true,
  schedule: true,
  timezone: true,
  schema: true,
};

export function resolveDefinitionOptions(
  name: string,
  options: JobDefinitionOptions<never> | undefined,
): ResolvedDefinitionOptions {
  const {
    retries = 5,
    backoff,
    leaseTime = 30_000,
    timeout = Infinity,
    aliases = [],
    maxBackoff,
    onExhausted,
    keep,
    keepResult = true,
    limit,
    perKey,
    rate,
    schedule,
    timezone,
    schema,
  } = checkOptions<JobDefinitionOptions<never>>('options', options, known);
  const counted = finite(checkLimit('perKey', perKey));
  return {
    retries:
      retries === Infinity
        ? unlimitedRetries
        : checkWithin('retries', retries, 0, mostRetries, 'a whole number', ', or Infinity'),
    backoff: resolveBackoff(backoff, maxBackoff),
    leaseTime: checkWithin('leaseTime', leaseTime, shortestLease, longestBackoff, 'milliseconds'),
    timeout: checkTime('timeout', timeout),
    aliases: checkAliases(aliases),
    onExhausted: checkOnExhausted(onExhausted),
    keep: resolveKeep(keep),
    keepResult: checkBoolean('keepResult', keepResult),
    limit: checkLimit('limit', limit),
    perKey: counted,
    rate: checkRate(rate),
    schedules: resolveSchedules(name, { schedule, timezone, perKey: counted }),
    schema: schema === undefined ? undefined : checkSchema(schema),
  };
}

function checkAliases(aliases: unknown): readonly string[] {
  if (!Array.isArray(aliases)) {
    throw new TypeError(expected('aliases', 'an array of former names', aliases));
  }
  return aliases.map((alias) => checkJobName('aliases', alias));
}

/** `Infinity` is no limit. */
function finite(limit: number): number | undefined {
  return limit === Infinity ? undefined : limit;
}

function checkOnExhausted(value: unknown): ((job: ExhaustedJob) => unknown) | undefined {
  if (value === undefined || typeof value === 'function') {
    return value as ((job: ExhaustedJob) => unknown) | undefined;
  }
  throw new TypeError(expected('onExhausted', 'a function', value));
}
