import type { Outcome } from '../../backend.ts';
import { describeError } from '../describe-error.ts';
import type { Redis } from './redis.ts';
import { cancellingSet, fields } from './scripts.ts';
import type { BullmqJob } from './types.ts';

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
 * Whether the job has had all its runs, of which the last ended with its process. A job that had them all and was
 * retried by hand is claimed again as well: then its lock has not run out since it failed for good.
 */
export async function isExhausted(job: BullmqJob, redis: Redis, key: string): Promise<boolean> {
  if (attemptOf(job) <= allowedAttempts(job) || job.stalledCounter === 0) return false;
  return job.stalledCounter > Number(await redis.hget(key, fields.stalls));
}

/** Before a claim ends: notes what BullMQ does not keep. */
export async function noteEnd(
  job: BullmqJob,
  outcome: Outcome,
  redis: Redis,
  key: string,
): Promise<void> {
  if (outcome.kind === 'done') {
    if (outcome.result === null) await redis.hset(key, fields.null, '1');
  } else if (outcome.kind === 'cancel') {
    const error = JSON.stringify(describeError(outcome.error));
    const { id = '' } = job;
    // BullMQ fails it: from now on whoever looks at it then cancels it.
    await redis
      .multi()
      .hset(key, { [fields.error]: error, [fields.cancel]: '1' })
      .sadd(key.slice(0, -id.length) + cancellingSet, id)
      .exec();
  } else if (outcome.kind !== 'release') {
    await redis.hset(key, {
      [fields.error]: JSON.stringify(describeError(outcome.error)),
      ...(isFinal(job, outcome) && { [fields.stalls]: job.stalledCounter }),
    });
  }
}

/** Whether this outcome is the end of the job for good. */
function isFinal(job: BullmqJob, outcome: Outcome): boolean {
  if (outcome.kind !== 'fail') return false;
  return outcome.final === true || attemptOf(job) >= allowedAttempts(job);
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
