import {
  checkOptions,
  checkSignal,
  checkString,
  checkTime,
  expected,
  type KnownOptions,
  nearest,
} from '@outlive/core/internal';
import type { JobQuery, RetryQuery } from './backend-operations.ts';
import { storable } from './engines/describe-error.ts';
import { checkJobName } from './job-name.ts';
import { type StoredJobState, storedJobStates } from './stored-job.ts';
import { checkWithin } from './util/check-within.ts';

/** Which jobs `list()` gives. */
export interface ListJobsOptions {
  /** Of this name alone; one that no process defines any more will do. @defaultValue all names */
  readonly name?: string | undefined;
  /** In this state alone. @defaultValue all states */
  readonly state?: StoredJobState | undefined;
  /** Most jobs of a page, from 1 to 1,000. @defaultValue `100` */
  readonly limit?: number | undefined;
  /** The `next` of an earlier page, of the same `name` and `state`. @defaultValue the newest jobs */
  readonly after?: string | undefined;
}

/** Which failed jobs `retryAll()` retries. */
export interface RetryAllOptions {
  /** That of the jobs. */
  readonly name: string;
  /** Those alone whose error has this name, or this text in its message. @defaultValue all failed jobs */
  readonly error?: string | undefined;
}

/** What ends a `wait()`. */
export interface WaitForJobOptions {
  /** Time in ms; of a job that has ended, each wait gets the end, also with `0`. @defaultValue no limit */
  readonly timeout?: number | undefined;
  /** Its reason is what the wait rejects with. @defaultValue none */
  readonly signal?: AbortSignal | undefined;
}

const listOptions: KnownOptions<ListJobsOptions> = {
  name: true,
  state: true,
  limit: true,
  after: true,
};
const retryOptions: KnownOptions<RetryAllOptions> = { name: true, error: true };
const waitOptions: KnownOptions<WaitForJobOptions> = { timeout: true, signal: true };

/** In a page. */
const mostJobs = 1_000;

export function resolveList(options: ListJobsOptions | undefined): JobQuery {
  const { name, state, limit = 100, after } = checkOptions('options', options, listOptions);
  if (name !== undefined) checkJobName('name', name);
  if (state !== undefined) checkState(state);
  checkWithin('limit', limit, 1, mostJobs, 'a whole number');
  if (after !== undefined) checkString('after', after);
  return { name, state, limit, after };
}

export function resolveRetryAll(options: RetryAllOptions): RetryQuery {
  if (options === undefined) throw new TypeError(expected('options', 'an object', options));
  const { name: given, error } = checkOptions<RetryAllOptions>('options', options, retryOptions);
  const name = checkJobName('name', given);
  if (error !== undefined && checkString('error', error) === '') {
    throw new TypeError(expected('error', 'the name of an error, or a part of its message', error));
  }
  // As it is in the store.
  return { name, error: error === undefined ? undefined : storable(error) };
}

export function resolveWait(
  options: WaitForJobOptions | undefined,
): WaitForJobOptions & { readonly timeout: number } {
  const { timeout = Infinity, signal } = checkOptions('options', options, waitOptions);
  checkTime('timeout', timeout);
  if (signal !== undefined) checkSignal('signal', signal);
  return { timeout, signal };
}

export function checkJobId(id: unknown): string {
  if (typeof id === 'string' && id !== '') return id;
  throw new TypeError(expected('id', 'the id of a job', id));
}

function checkState(state: unknown): StoredJobState {
  if (storedJobStates.includes(state as StoredJobState)) return state as StoredJobState;
  const meant = typeof state === 'string' ? nearest(state, storedJobStates) : undefined;
  const question = meant === undefined ? '' : `. Did you mean '${meant}'?`;
  const message = expected('state', `one of ${storedJobStates.join(', ')}`, state) + question;
  throw typeof state === 'string' ? new RangeError(message) : new TypeError(message);
}
