import type { Outcome } from '../../backend.ts';
import { describeError } from '../describe-error.ts';
import type { BullmqJob } from './types.ts';

// BullMQ counts failures, and apart from them how often a lock ran out. In the other stores the death of a
// process is an attempt too: here both counts together are limited by the retries of the job.

/** The number of the run that this claim of the job is for. */
export function attemptOf({ attemptsMade, stalledCounter }: BullmqJob): number {
  return attemptsMade + stalledCounter + 1;
}

/** Whether the job has had all its runs, of which the last ended with its process. */
export function isExhausted(job: BullmqJob): boolean {
  return attemptOf(job) > mostAttempts(job);
}

/** Ends the claim with this token. Rejects with an error that {@link isLost} knows if the job has a later claim. */
export async function endClaim(job: BullmqJob, token: string, outcome: Outcome): Promise<void> {
  switch (outcome.kind) {
    case 'done':
      await job.moveToCompleted(null, token, false);
      return;
    case 'release':
      await job.moveToWait(token);
      return;
    case 'fail': {
      const isFinal = outcome.final === true || attemptOf(job) >= mostAttempts(job);
      await job.moveToFailed(toStore(outcome.error, isFinal), token, false);
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

function mostAttempts({ opts }: BullmqJob): number {
  return Math.max(1, opts.attempts ?? 1);
}

function toStore(thrown: unknown, isFinal: boolean): Error {
  const { message, stack } = describeError(thrown);
  const error = new Error(message);
  error.stack = stack ?? message;
  // BullMQ does not retry an error of this name (https://docs.bullmq.io/patterns/stop-retrying-jobs).
  if (isFinal) error.name = 'UnrecoverableError';
  return error;
}
