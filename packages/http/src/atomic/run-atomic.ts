import type { Job, JobContext } from '@outlive/core';
import * as core from '@outlive/core/internal';
import type { ResolvedAtomicOptions } from './options.ts';
import { handlerError, refusal } from '../errors.ts';
import type { RequestJobs } from '../request/request-state.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const {
  claimFailure,
  extendUntil,
  promiseOf,
  settlementOf,
  spawnIn,
  spawnNowIn,
  tellCompleted,
  tellFailed,
  toldLater,
} = core;

/** One call of an atomic handler, as its framework makes it. */
export interface AtomicCall {
  readonly request: RequestJobs;
  readonly options: ResolvedAtomicOptions;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the framework gives
  readonly handler: (this: any, ...args: any[]) => unknown;
  readonly thisArg: unknown;
  readonly args: unknown[];
  /** Takes errors where a rejecting promise would not do. */
  readonly fail?: ((error: unknown, call: AtomicCall) => void) | undefined;
  /**
   * Fastify's: a handler may return it for "sent by other means", and one that returns nothing sends it
   * later on.
   */
  readonly reply?: unknown;
}

/**
 * Calls a handler as a job of its request's scheduler. With a free slot it returns what the handler
 * returns, at once and of the same kind; queued, a promise for it. Errors are told to `fail`, or thrown
 * where there is none; what happens before the handler has returned is thrown in any case.
 */
export function runAtomic(call: AtomicCall): unknown {
  const { request, options } = call;
  const held = request.heldSlot;
  if (held !== undefined) return runInside(held, call);

  let started: Job | undefined;
  let returned: unknown;
  let promise: Promise<unknown> | undefined;
  let thrown: { error: unknown } | undefined;
  let queued = false;
  const run = (context: JobContext): unknown => {
    started = context as Job;
    claimFailure(started);
    request.slot = started;
    try {
      returned = Reflect.apply(call.handler, call.thisArg, call.args);
      if (isSentLater(call, returned, queued)) return request.end.whenOver().then(() => undefined);
      promise = queued ? undefined : promiseOf(returned);
    } catch (error) {
      thrown = { error };
      throw error;
    }
    return promise === undefined ? returned : toldLater;
  };

  const dropping = options.skipDisconnected ? new AbortController() : undefined;
  const job = dropping === undefined ? options.job : { ...options.job, signal: dropping.signal };
  let accepted: Job | Promise<Job>;
  try {
    const { scheduler, group } = request;
    accepted =
      options.overload === 'wait'
        ? spawnIn(scheduler, group, run, job)
        : spawnNowIn(scheduler, group, run, job);
  } catch (error) {
    throw refusal(error, request.response);
  }

  if (started !== undefined) {
    if (thrown !== undefined) throw handlerError(thrown.error, started, request);
    return promise === undefined ? returned : follow(promise, started, call);
  }
  queued = true;
  if (dropping !== undefined) {
    request.end.on((how) => {
      if (how === 'gone' && started === undefined) dropping.abort();
    });
  }
  return whenRun(accepted, call, dropping?.signal);
}

/** In the slot that an outer handler of the same request holds; it is held until this one has settled. */
function runInside(slot: Job, call: AtomicCall): unknown {
  let returned: unknown;
  let promise: Promise<unknown> | undefined;
  try {
    returned = Reflect.apply(call.handler, call.thisArg, call.args);
    if (isSentLater(call, returned, false)) {
      extendUntil(slot, call.request.end.whenOver());
      return returned;
    }
    promise = promiseOf(returned);
  } catch (error) {
    throw handlerError(error, slot, call.request);
  }
  if (promise === undefined) return returned;
  extendUntil(slot, promise);
  return promise.then(undefined, (error: unknown) =>
    failed(handlerError(error, slot, call.request), call),
  );
}

/** Whether a handler of Fastify's goes on until its reply is sent, in a way that can be known. */
function isSentLater({ reply }: AtomicCall, returned: unknown, queued: boolean): boolean {
  return reply !== undefined && (returned === reply || (queued && returned === undefined));
}

/** Ends the job as the handler ended; gives the outcome, its error as the framework shall see it. */
function follow(promise: Promise<unknown>, job: Job, call: AtomicCall): Promise<unknown> {
  return promise.then(
    (value) => {
      tellCompleted(job, value);
      return value;
    },
    (error: unknown) => {
      tellFailed(job, error);
      return failed(handlerError(error, job, call.request), call);
    },
  );
}

async function whenRun(
  accepted: Job | Promise<Job>,
  call: AtomicCall,
  dropped: AbortSignal | undefined,
): Promise<unknown> {
  let job: Job;
  try {
    job = await accepted;
  } catch (error) {
    return dropped?.aborted ? undefined : failed(refusal(error, call.request.response), call);
  }
  try {
    return await settlementOf(job);
  } catch (error) {
    return dropped?.aborted ? undefined : failed(handlerError(error, job, call.request), call);
  }
}

function failed(error: unknown, call: AtomicCall): undefined {
  if (call.fail === undefined) throw error;
  call.fail(error, call);
}
