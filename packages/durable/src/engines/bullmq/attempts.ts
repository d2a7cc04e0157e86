import type { Outcome } from '../../backend.ts';
import type { BullmqJob } from './types.ts';
import { describeError } from '../describe-error.ts';

// BullMQ counts failures, and apart from them how often a lock ran out. A process that died is an attempt
// here as in the other stores, and the retries of the job are the limit of both together.

/** Which run this claim of the job is. */
export function attemptOf({ attemptsMade, stalledCounter }: BullmqJob): number {
  return attemptsMade + stalledCounter + 1;
}

/** Whether the job has had all its runs: its process died in the last one, and nobody recorded it. */
export function isExhausted(job: BullmqJob): boolean {
  return attemptOf(job) > mostAttempts(job);
}

/** Ends the claim that has this token. Rejects with {@link isLost} if that is not the job's latest any more. */
export async function endClaim(job: BullmqJob, token: string, outcome: Outcome): Promise<void> {
  switch (outcome.kind) {
    case 'done':
      await job.moveToCompleted(null, token, false);
      return;
    case 'release':
      await job.moveToWait(token);
      return;
    case 'fail':
      await job.moveToFailed(
        failure(outcome.error, outcome.final === true || attemptOf(job) >= mostAttempts(job)),
        token,
        false,
      );
      return;
    default:
      outcome satisfies never;
  }
}

/** Whether BullMQ says that the lock is another's, or gone with its job. */
export function isLost(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'number' && code < 0;
}

function mostAttempts({ opts }: BullmqJob): number {
  return Math.max(1, opts.attempts ?? 1);
}

function failure(thrown: unknown, final: boolean): Error {
  const { message, stack } = describeError(thrown);
  const error = new Error(message);
  error.stack = stack ?? message;
  // By this name BullMQ knows that it must not retry.
  if (final) error.name = 'UnrecoverableError';
  return error;
}
