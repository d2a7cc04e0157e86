import { type Job, JobCancelledError, type Scheduler } from '@outlive/core';
import { Cancellation, poolOf, type JobRecord } from '@outlive/core/internal';
import type { Source } from '../sources.ts';
import type { JobStore } from '../stored/job-store.ts';
import type { Action, ActionResult } from '../wire.ts';

const done: ActionResult = { done: true };

function notDone(reason: string): ActionResult {
  return { done: false, reason };
}

/**
 * Does what the page asks for.
 *
 * @throws RangeError or TypeError for a bad limit, or what a store fails with (rejects)
 */
export async function runAction(action: Action, sources: readonly Source[]): Promise<ActionResult> {
  const source = sources[action.source];
  if (source === undefined) return notDone('There is no such scheduler');
  const { scheduler, store } = source;
  switch (action.action) {
    // By the pool: `pause()` of durable jobs is about a name.
    case 'pause':
      poolOf(scheduler).changeGate((gate) => gate.pause());
      return done;
    case 'resume':
      poolOf(scheduler).changeGate((gate) => gate.resume());
      return done;
    case 'limit':
      scheduler.limit = Number(action.limit);
      return done;
    case 'cancel':
      return cancel(scheduler, action.id);
    case 'retry-stored':
    case 'discard-stored':
    case 'cancel-stored':
      return changeStored(store, action);
    case 'pause-stored':
    case 'resume-stored':
      return pauseStored(store, action);
    default:
      return action satisfies never;
  }
}

function cancel(scheduler: Scheduler, id: number): ActionResult {
  const job = find(scheduler, id);
  if (job === undefined) return notDone('The job is over');
  if (job.state === 'closing')
    return notDone('The job is cancelled already, and has not ended yet');
  // Not by `job.close()`, which would make this a waiter: what the job fails with would go here.
  const reason = new JobCancelledError('The job was cancelled by an operator');
  poolOf(scheduler).cancel(job as JobRecord, new Cancellation(reason));
  return done;
}

function find(scheduler: Scheduler, id: number): Job | undefined {
  for (const job of scheduler) if (job.id === id) return job;
  return undefined;
}

/** For all processes. A name that the store does not have is refused by the store. */
async function pauseStored(
  store: JobStore | undefined,
  { action, name }: Extract<Action, { readonly name: string }>,
): Promise<ActionResult> {
  if (store === undefined) return notDone('This scheduler has no store');
  if (typeof store.pause !== 'function' || typeof store.resume !== 'function') {
    return notDone('This store cannot do that');
  }
  await (action === 'pause-stored' ? store.pause(name) : store.resume(name));
  return done;
}

type StoredAction = Extract<Action, { readonly id: string }>;

async function changeStored(
  store: JobStore | undefined,
  { action, id }: StoredAction,
): Promise<ActionResult> {
  if (store === undefined) return notDone('This scheduler has no store');
  const changed = await changes[action](store, id);
  if (changed === undefined) return notDone('This store cannot do that');
  return changed ? done : notDone('The job is not there any more, or in another state');
}

const changes: Record<
  StoredAction['action'],
  (store: JobStore, id: string) => Promise<boolean> | undefined
> = {
  'retry-stored': (store, id) => store.retry?.(id),
  'discard-stored': (store, id) => store.discard?.(id),
  'cancel-stored': (store, id) => store.cancel?.(id),
};
