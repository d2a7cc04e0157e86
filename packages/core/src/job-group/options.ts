import { JobRecord } from '../job/record.ts';
import { checkBoolean, checkCount, checkSignal, checkString } from '../util/check.ts';
import { checkOptions, type KnownOptions } from '../util/check-options.ts';
import { expected } from '../util/expected.ts';
import type { GroupOptions } from './job-group.ts';

/** Checked options of a group. */
export interface ResolvedGroupOptions {
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
  readonly failFast: boolean;
  readonly inside: JobRecord | undefined;
  readonly name: string | undefined;
}

const optionNames: KnownOptions<GroupOptions> = {
  limit: true,
  signal: true,
  failFast: true,
  inside: true,
  name: true,
};

/** Functions that run at once in the slot of one job. */
const defaultLimitInside = 10;

/**
 * @param isOwn - whether the job is one of the scheduler's, and has not settled
 * @throws TypeError or RangeError for a bad option, naming it
 */
export function resolveGroupOptions(
  options: GroupOptions | undefined,
  isOwn: (job: JobRecord) => boolean,
): ResolvedGroupOptions {
  const {
    limit,
    signal,
    failFast = true,
    inside,
    name,
  } = checkOptions('options', options, optionNames);
  if (inside !== undefined && !(inside instanceof JobRecord && inside.active && isOwn(inside))) {
    throw new TypeError(expected('inside', 'a running job of this scheduler', inside));
  }
  const resolved = limit ?? (inside === undefined ? Infinity : defaultLimitInside);
  checkCount('limit', limit === undefined ? resolved : limit, 1);
  if (inside !== undefined && resolved === Infinity) {
    throw new RangeError(expected('limit', 'finite for a group inside a job', resolved));
  }
  return {
    limit: resolved,
    signal: signal === undefined ? undefined : checkSignal('signal', signal),
    failFast: checkBoolean('failFast', failFast),
    inside,
    name: name === undefined ? undefined : checkString('name', name),
  };
}
