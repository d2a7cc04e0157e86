import type { JobContext, Scheduler } from '@outlive/core';
import { noteDetail, refuseGenerator } from '@outlive/core/internal';
import type { JobBackend, Outcome } from '../backend.ts';
import { jobContext } from '../job-context.ts';
import { unlimitedRetries } from '../job-definition-options.ts';
import { validatePayload } from '../payload/validate-payload.ts';
import type { ActiveLease } from './active-lease.ts';
import { tellExhausted } from './exhausted.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { ProgressReports } from './progress-reports.ts';
import type { Results } from './results.ts';
import { type Failure, outcomeOf, retryDelay } from './retry-policy.ts';

/** What all runs of a process share. */
export interface LeaseRunner {
  readonly scheduler: Scheduler;
  readonly backend: JobBackend;
  readonly keeper: LeaseKeeper;
  readonly results: Results;
}

/**
 * One run of a durable job, as a job of the scheduler. It ends when its outcome is recorded, so that a
 * drain waits for that too, and a slot is free only when the store knows.
 */
export async function runLease(
  runner: LeaseRunner,
  active: ActiveLease,
  job: JobContext,
): Promise<void> {
  const { keeper, results } = runner;
  const { lease, definition } = active;
  let payload: unknown;
  try {
    payload = await validatePayload(lease.name, definition.options.schema, lease.payload);
  } catch (error) {
    // Another version of the program stored it: no retry could change it.
    await fail(runner, active, job, { kind: 'fail', error, final: true });
    throw error;
  }
  let returned: unknown;
  const progress = new ProgressReports(lease.name, async (value) => keeper.progress(active, value));
  try {
    const { id, attempt } = lease;
    returned = await definition.handler(payload, jobContext(job, { id, attempt, progress }));
    refuseGenerator(returned);
  } catch (error) {
    const outcome = active.cancellation === undefined ? outcomeOf(error, job) : cancelled(active);
    if (outcome.kind === 'fail') await fail(runner, active, job, outcome);
    else await keeper.settle(active, outcome);
    // A run that is handed back or cancelled has not failed, whatever the handler rejects with.
    throw outcome.kind !== 'fail' && job.signal.aborted ? job.signal.reason : error;
  } finally {
    await progress.end();
  }
  await keeper.settle(active, { kind: 'done', result: results.of(active, returned) });
}

function cancelled({ cancellation }: ActiveLease): Outcome {
  return { kind: 'cancel', error: cancellation };
}

/** Records a failed attempt, and tells the exception handler which one it is. */
async function fail(
  { scheduler, backend, keeper }: LeaseRunner,
  active: ActiveLease,
  job: JobContext,
  failure: Failure,
): Promise<void> {
  const { lease, definition } = active;
  const { id, name, attempt, payload } = lease;
  const { error } = failure;
  const { attempts } = active;
  const isLast = failure.final === true || active.isLastAttempt;
  const reportBackoff = (exception: unknown): void => {
    scheduler.callExceptionHandler({ message: 'The backoff function failed', exception });
  };
  const delay = isLast ? 0 : retryDelay(definition, attempt, error, reportBackoff);
  const next = isLast ? 'not tried again' : `tried again in ${delay / 1_000} s`;
  const all = attempts > unlimitedRetries ? '' : ` of ${attempts}`;
  noteDetail(job, `stored job ${id}, attempt ${attempt}${all}, ${next}`);
  const isRecorded = await keeper.settle(active, { ...failure, delay });
  if (!isLast || !isRecorded || definition.options.onExhausted === undefined) return;
  // It may have been cancelled a moment ago, as only the store knows.
  const stored = await backend.lookup.get(id).catch(() => undefined);
  if (stored?.state === 'cancelled') return;
  await tellExhausted(scheduler, definition, { id, name, payload, error, attempt });
}
