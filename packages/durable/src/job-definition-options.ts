import {
  checkBoolean,
  checkOptions,
  checkTime,
  expected,
  type KnownOptions,
} from '@outlive/core/internal';
import type { KeepRules } from './backend.ts';
import { type KeepOptions, resolveKeep } from './job-keep.ts';
import { checkJobName } from './job-name.ts';
import { checkSchema, type StandardSchema } from './payload/standard-schema.ts';
import { checkWithin } from './util/check-within.ts';

/** How every job of one name is run. */
export interface JobDefinitionOptions<I = unknown, P = unknown> {
  /** Further runs that a failing job gets; a run that was handed back does not count. @defaultValue `5` */
  readonly retries?: number | undefined;
  /**
   * Time in ms before the first retry; each further one waits twice as long, up to `maxBackoff`. A retry is at most
   * 1 s late.
   * @defaultValue `1_000`
   */
  readonly backoff?: number | undefined;
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
  /** The longest time in ms that a retry waits, however often `backoff` has doubled. @defaultValue a day */
  readonly maxBackoff?: number | undefined;
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
  readonly backoff: number;
  readonly leaseTime: number;
  readonly timeout: number;
  readonly aliases: readonly string[];
  readonly maxBackoff: number;
  readonly keep: KeepRules;
  readonly keepResult: boolean;
  readonly schema: StandardSchema | undefined;
}

// What every engine can do: pg-boss allows no heartbeat below ten seconds, and counts in 32 bits.
/** In ms. */
const shortestLease = 10_000;
/** In ms: a day. */
const longestTime = 24 * 60 * 60 * 1_000;
const mostRetries = 1_000;

const known: KnownOptions<JobDefinitionOptions> = {
  retries: true,
  backoff: true,
  leaseTime: true,
  timeout: true,
  aliases: true,
  maxBackoff: true,
  keep: true,
  keepResult: true,
  schema: true,
};

export function resolveDefinitionOptions(
  options: JobDefinitionOptions<never> | undefined,
): ResolvedDefinitionOptions {
  const {
    retries = 5,
    backoff = 1_000,
    leaseTime = 30_000,
    timeout = Infinity,
    aliases = [],
    maxBackoff = longestTime,
    keep,
    keepResult = true,
    schema,
  } = checkOptions<JobDefinitionOptions<never>>('options', options, known);
  return {
    retries: checkWithin('retries', retries, 0, mostRetries, 'a whole number'),
    backoff: checkWithin('backoff', backoff, 0, longestTime, 'milliseconds'),
    leaseTime: checkWithin('leaseTime', leaseTime, shortestLease, longestTime, 'milliseconds'),
    timeout: checkTime('timeout', timeout),
    aliases: checkAliases(aliases),
    maxBackoff: checkWithin('maxBackoff', maxBackoff, 0, longestTime, 'milliseconds'),
    keep: resolveKeep(keep),
    keepResult: checkBoolean('keepResult', keepResult),
    schema: schema === undefined ? undefined : checkSchema(schema),
  };
}

function checkAliases(aliases: unknown): readonly string[] {
  if (!Array.isArray(aliases)) {
    throw new TypeError(expected('aliases', 'an array of former names', aliases));
  }
  return aliases.map((alias) => checkJobName('aliases', alias));
}
