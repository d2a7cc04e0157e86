import type { Outcome } from '../../backend.ts';
import { describeError } from '../describe-error.ts';
import type { Claim } from './claim.ts';
import type { Redis } from './redis.ts';
import { cancellingSet, fields, noteFields } from './scripts.ts';
import type { BullmqJob, JobData } from './types.ts';

/** BullMQ's own field. */
const failedReason = 'failedReason';

// BullMQ counts failures, and apart from them how often a lock ran out. In the other stores the death of a
// process is an attempt too: here both counts together are limited by the retries of the job.

/** The number of the run that this claim of the job is for. */
export function attemptOf({ attemptsMade, stalledCounter }: BullmqJob): number {
  return attemptsMade + stalledCounter + 1;
}

/** The runs that the job may have: one more for a job that had them all, and was then retried by hand. */
export function mostAttempts(job: BullmqJob): number {
  return Math.max(allowedAttempts(job), attemptOf(job));
}

/**
 * Whether the run of this claim may begin: not where the job has had all its runs, of which the last ended with its process. A
 * job that had them all and was retried by hand is claimed again as well: then its lock has not run out since its last run
 * ended. That is noted, so that the job has no further run if its process dies in this one.
 */
export async function allowRun({ job, token }: Claim, redis: Redis, key: string): Promise<boolean> {
  if (attemptOf(job) <= allowedAttempts(job)) return true;
  const { id = '', stalledCounter, attemptsMade } = job;
  const [ended, given, failure] = await redis.hmget(key, fields.stalls, fields.given, failedReason);
  const isAlive = stalledCounter <= Math.max(Number(ended), Number(given));
  // A worker of others ends a run without a note of ours; whoever retries the job then deletes what it failed with.
  const isRetried = given === null && attemptsMade > 0 && failure === null;
  if (!isAlive && !isRetried) return false;
  await redis.eval(noteFields, 1, key, token, id, fields.given, stalledCounter);
  return true;
}

/** Before the claim with this token ends: notes what BullMQ does not keep. */
export async function noteEnd(
  { job: { id = '', stalledCounter }, token }: Claim,
  outcome: Outcome,
  attempt: number,
  redis: Redis,
  key: string,
): Promise<void> {
  const isCancelled = outcome.kind === 'cancel';
  const notes = {
    ...(stalledCounter > 0 && { [fields.stalls]: stalledCounter }),
    ...(outcome.kind === 'done' && outcome.result === null && { [fields.null]: 1 }),
    ...('error' in outcome && {
      [fields.error]: JSON.stringify(describeError(outcome.error)),
      [fields.attempt]: attempt,
    }),
    // BullMQ fails it: from now on whoever looks at it then cancels it.
    ...(isCancelled && { [fields.cancel]: 1 }),
  };
  const values = Object.entries(notes).flat();
  if (values.length === 0) return;
  const sets = isCancelled ? [key.slice(0, -id.length) + cancellingSet] : [];
  await redis.eval(noteFields, 1 + sets.length, key, ...sets, token, id, ...values);
}

/** Whether this outcome is the end of the job for good. */
function isFinal(job: BullmqJob, outcome: Outcome): boolean {
  if (outcome.kind !== 'fail') return false;
  return outcome.final === true || attemptOf(job) >= allowedAttempts(job);
}

/** Ends the claim with this token of a job that is done, and takes the next job of the queue, if there is one, with the same. */
export async function endClaimAndTake(
  job: BullmqJob,
  token: string,
  result: unknown,
): Promise<JobData | undefined> {
  const [data, id] = ((await job.moveToCompleted(result ?? null, token, true)) ?? []) as JobData;
  return data ? [data, id] : undefined;
}

/** Ends the claim with this token. Rejects with an error that {@link isLost} knows if the job has a later claim. */
export async function endClaim(job: BullmqJob, token: string, outcome: Outcome): Promise<void> {
  switch (outcome.kind) {
    case 'done':
      await job.moveToCompleted(outcome.result ?? null, token, false);
      return;
    case 'release':
      await job.moveToWait(token);
      return;
    case 'cancel':
      return endClaim(job, token, { kind: 'fail', error: outcome.error, final: true });
    case 'fail': {
      const { error, delay } = outcome;
      // Of this object alone: BullMQ works out the time of the next attempt from it.
      if (delay !== undefined) job.opts = { ...job.opts, backoff: { type: 'fixed', delay } };
      await job.moveToFailed(toStore(error, isFinal(job, outcome)), token, false);
      return;
    }
    default:
      outcome satisfies never;
  }
}

/**
 * Whether BullMQ says that the lock belongs to another claim, or is gone with its job: its scripts answer
 * with a negative code (https://github.com/taskforcesh/bullmq/blob/master/src/enums/error-code.ts).
 */
export function isLost(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'number' && code < 0;
}

function allowedAttempts({ opts }: BullmqJob): number {
  return Math.max(1, opts.attempts ?? 1);
}

function toStore(thrown: unknown, forGood: boolean): Error {
  const { message, stack } = describeError(thrown);
  const error = new Error(message);
  error.stack = stack ?? message;
  // BullMQ does not retry an error of this name (https://docs.bullmq.io/patterns/stop-retrying-jobs).
  if (forGood) error.name = 'UnrecoverableError';
  return error;
}
