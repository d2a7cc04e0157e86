import type { JobContext } from '@outlive/core';
import * as core from '@outlive/core/internal';
import type { JobRecord } from '@outlive/core/internal';
import { requestState } from '../request/lookup.ts';
import type { RequestState } from '../request/request-state.ts';
import { handlerError, refusal } from './handler-error.ts';
import type { AtomicHandler } from './handler.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const { markHandled, poolOf, promiseOf, settledExternally, settlementOf } = core;
const { complete, extend, fail } = core.settle;

/**
 * Calls a handler as a job of its request's scheduler. With a free slot it returns what the handler
 * returns, at once and of the same kind; queued, a promise for it. Errors go to the convention's `fail`, or
 * are thrown where there is none; what happens before the handler has returned is thrown in any case.
 */
export function runAtomic(atomic: AtomicHandler, thisArg: unknown, args: unknown[]): unknown {
  const state = requestState(atomic.convention.requestOf(args));
  const call = new AtomicCall(atomic, thisArg, args, state);
  const { heldSlot } = state;
  if (heldSlot !== undefined) return runInside(heldSlot, call);

  const { skipDisconnected, overload } = atomic.options;
  const dropping = skipDisconnected ? new AbortController() : undefined;
  const options =
    dropping === undefined
      ? atomic.options.job
      : { ...atomic.options.job, signal: dropping.signal };
  const run = (job: JobContext): unknown => call.run(job as JobRecord);
  const pool = poolOf(state.scheduler);
  let accepted: JobRecord | Promise<JobRecord>;
  try {
    accepted =
      overload === 'wait'
        ? pool.spawn(run, options, state.group)
        : pool.spawnNow(run, options, state.group);
  } catch (error) {
    throw refusal(error, state.response);
  }

  const { job, promise } = call;
  if (job === undefined) return runLater(accepted, call, dropping);
  if (promise !== undefined) {
    return promise.then(
      (value) => complete(job, value),
      (error: unknown) => call.failed(job, error),
    );
  }
  const { functionOutcome } = job;
  if (functionOutcome === undefined || functionOutcome === 'completed') return call.returned;
  throw handlerError(job.error, job, state);
}

/** One call of an atomic handler, as its framework makes it. */
class AtomicCall {
  readonly atomic: AtomicHandler;
  readonly thisArg: unknown;
  readonly args: unknown[];
  readonly state: RequestState;
  /** Whether the handler has to wait for a slot. */
  queued = false;
  /** Once the handler has been called. */
  job: JobRecord | undefined = undefined;
  returned: unknown = undefined;
  /** What the handler returned, where the job is ended by who follows that. */
  promise: Promise<unknown> | undefined = undefined;

  constructor(atomic: AtomicHandler, thisArg: unknown, args: unknown[], state: RequestState) {
    this.atomic = atomic;
    this.thisArg = thisArg;
    this.args = args;
    this.state = state;
  }

  /** What its job does. */
  run(job: JobRecord): unknown {
    const { state } = this;
    this.job = job;
    markHandled(job);
    state.slot = job;
    const returned = this.callHandler();
    this.returned = returned;
    if (this.isSentLater(returned)) return state.end.whenOver().then(() => undefined);
    if (this.queued) return returned;
    this.promise = promiseOf(returned);
    return this.promise === undefined ? returned : settledExternally;
  }

  callHandler(): unknown {
    return Reflect.apply(this.atomic.handler, this.thisArg, this.args);
  }

  /** Whether a handler of Fastify's goes on until its reply is sent, in a way that can be known. */
  isSentLater(returned: unknown): boolean {
    const { replyOf } = this.atomic.convention;
    if (replyOf === undefined) return false;
    return returned === replyOf(this.args) || (this.queued && returned === undefined);
  }

  /** Its promise has rejected, and with it the job fails. */
  failed(job: JobRecord, error: unknown): undefined {
    fail(job, error);
    this.reject(handlerError(error, job, this.state));
  }

  /** Gives the framework an error. */
  reject(error: unknown): void {
    const { fail: reject } = this.atomic.convention;
    if (reject === undefined) throw error;
    reject(error, this.args, this.state);
  }
}

/** In the slot that an outer handler of the same request holds; it is held until this one has settled. */
function runInside(slot: JobRecord, call: AtomicCall): unknown {
  const { state } = call;
  let returned: unknown;
  let promise: Promise<unknown> | undefined;
  try {
    returned = call.callHandler();
    if (call.isSentLater(returned)) {
      extend(slot, state.end.whenOver());
      return returned;
    }
    promise = promiseOf(returned);
  } catch (error) {
    throw handlerError(error, slot, state);
  }
  if (promise === undefined) return returned;
  extend(slot, promise);
  return promise.then(undefined, (error: unknown) => {
    call.reject(handlerError(error, slot, state));
  });
}

/** The handler is called when a slot is free, unless its client has left and it shall be dropped then. */
async function runLater(
  accepted: JobRecord | Promise<JobRecord>,
  call: AtomicCall,
  dropping: AbortController | undefined,
): Promise<unknown> {
  const { state } = call;
  call.queued = true;
  if (dropping !== undefined) {
    state.end.on((how) => {
      if (how === 'gone' && call.job === undefined) dropping.abort();
    });
  }
  let error: unknown;
  try {
    const job = await accepted;
    try {
      return await settlementOf(job);
    } catch (thrown) {
      error = handlerError(thrown, job, state);
    }
  } catch (refused) {
    error = refusal(refused, state.response);
  }
  if (dropping?.signal.aborted !== true) call.reject(error);
  return undefined;
}
