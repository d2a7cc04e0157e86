import type { AsyncResource } from 'node:async_hooks';
import type { JobOutcome } from '../job.ts';
import { noJobOptions } from '../options.ts';
import { handled } from '../util/observed-promise.ts';
import type { Cancellation } from './cancellation.ts';
import type { JobExtras } from './extras.ts';
import { type JobRecord, notStarted } from './record.ts';

// Every transition of a job but its start.

/** The function of a job, for its next attempt. */
interface Postponed {
  readonly context: AsyncResource | undefined;
  /** The job was cancelled while it waited. */
  clear(): void;
}

/** The function has returned, or its promise has resolved. Gives the value, for the promise derived from that one. */
export function complete(job: JobRecord, value: unknown): unknown {
  const { settlement } = job;
  functionEnded(job, 'completed', value);
  if (settlement !== undefined && 'resolve' in settlement) settlement.resolve(value);
  return value;
}

/** The function has thrown, or its promise has rejected. Throws where the promise of the waiters derives from this call. */
export function fail(job: JobRecord, thrown: unknown): void {
  const { settlement } = job;
  const cancellation = job.extras?.cancellation;
  const obeyed = cancellation?.explains(thrown) === true;
  if (!obeyed) job.owner.host.failed(job, thrown);
  functionEnded(job, obeyed ? 'cancelled' : 'failed', obeyed ? cancellation : thrown);
  if (settlement === undefined) return;
  const error: unknown = obeyed ? cancellation.error : thrown;
  if ('reject' in settlement) {
    settlement.reject(error);
    return;
  }
  void handled(settlement);
  throw error;
}

/** A running job is to end: its signal aborts, its function goes on until it ends by itself. */
export function cancel(job: JobRecord, cancellation: Cancellation): void {
  job.phase = 'closing';
  const extras = job.extend();
  extras.cancellation = cancellation;
  extras.timer?.clear();
  job.owner.host.cancelled(job);
  extras.controller?.abort(cancellation.reason);
}

/** Ends a job whose function was never called. */
export function drop(job: JobRecord, cancellation: Cancellation): void {
  const { settlement, extras } = job;
  end(job, 'cancelled', cancellation);
  if (settlement !== undefined && 'reject' in settlement) settlement.reject(cancellation.error);
  extras?.controller?.abort(cancellation.reason);
}

/** An attempt of a running job has failed, and another one is to come: until then it is pending. */
export function postpone(job: JobRecord, work: Postponed): void {
  const extras = job.extend();
  extras.timer?.clear();
  extras.timer = work;
  extras.attempt += 1;
  job.phase = 'pending';
  job.startTime = notStarted;
  job.work = work;
  job.context = work.context;
}

/** Makes a running job last, and hold its slot, until this has settled as well. */
export function extend(job: JobRecord, work: PromiseLike<unknown>): void {
  const extras = job.extend();
  extras.extensions += 1;
  const over = (): void => {
    extras.extensions -= 1;
    const { functionOutcome } = extras;
    if (extras.extensions > 0) return;
    if (functionOutcome === undefined) extras.onRelease?.();
    else end(job, functionOutcome, job.work);
  };
  void work.then(over, over);
}

/** Calls back when no work besides the function holds the job open: at once, if none does. */
export function whenReleased(job: JobRecord, callback: () => void): void {
  const { extras } = job;
  if (extras === undefined || extras.extensions === 0) callback();
  else {
    extras.onRelease = () => {
      extras.onRelease = undefined;
      callback();
    };
  }
}

function functionEnded(job: JobRecord, outcome: JobOutcome, result: unknown): void {
  const { extras } = job;
  if (extras === undefined || extras.extensions === 0) {
    end(job, outcome, result);
    return;
  }
  job.work = result;
  job.settlement = undefined;
  extras.functionOutcome = outcome;
}

/** Nothing of where a finished job came from is reachable from it. */
function forget(extras: JobExtras<JobRecord>): void {
  extras.origin = undefined;
  extras.ran = undefined;
}

function end(job: JobRecord, outcome: JobOutcome, result: unknown): void {
  const started = job.phase !== 'pending';
  job.phase = outcome;
  job.work = result;
  job.settlement = undefined;
  job.context = undefined;
  const { options } = job;
  if (options !== noJobOptions && (options.signal ?? options.after) !== undefined) {
    job.options = { ...options, signal: undefined, after: undefined };
  }
  const { extras } = job;
  if (extras !== undefined) {
    extras.timer?.clear();
    extras.unlink?.();
    extras.unlink = undefined;
  }
  job.owner.host.ended(job, started);
  if (extras === undefined) return;
  forget(extras);
  if (extras.onEnd !== undefined) for (const callback of extras.onEnd) callback();
}
