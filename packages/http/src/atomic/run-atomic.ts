import * as core from '@outlive/core/internal';
import type { JobRecord, SelfSettling } from '@outlive/core/internal';
import { requestState } from '../request/lookup.ts';
import type { RequestState } from '../request/request-state.ts';
import { handlerError, refusal } from './handler-error.ts';
import type { AtomicHandler } from './handler.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const { markHandled, poolOf, promiseOf, settlementOf } = core;
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
  const pool = poolOf(state.scheduler);
  let accepted: JobRecord | Promise<JobRecord>;
  try {
    accepted =
      overload === 'wait'
        ? pool.spawn(call, options, state.group)
        : pool.spawnNow(call, options, state.group);
  } catch (error) {
    throw refusal(error, state.response);
  }
  if (call.job === undefined) return runLater(accepted, call, dropping);
  if (call.threw) throw handlerError(call.returned, call.job, state);
  return call.returned;
}

/** One call of an atomic handler, as its framework makes it; what its job runs. */
class AtomicCall implements SelfSettling {
  readonly atomic: AtomicHandler;
  readonly thisArg: unknown;
  readonly args: unknown[];
  readonly state: RequestState;
  /** Whether the handler has to wait for a slot. */
  queued = false;
  /** Once the handler has been called. */
  job: JobRecord | undefined = undefined;
  /** What the framework gets of a handler that has not been queued; what that has thrown, if it `threw`. */
  returned: unknown = undefined;
  threw = false;

  constructor(atomic: AtomicHandler, thisArg: unknown, args: unknown[], state: RequestState) {
    this.atomic = atomic;
    this.thisArg = thisArg;
    this.args = args;
    this.state = state;
  }

  run(job: JobRecord): void {
    const { state } = this;
    this.job = job;
    markHandled(job);
    state.slot = job;
    let promise: Promise<unknown> | undefined;
    try {
      const returned = this.callHandler();
      this.returned = returned;
      if (this.isSentLater(returned)) {
        state.end.on(() => {
          complete(job, undefined);
        });
        return;
      }
      promise = promiseOf(returned);
    } catch (error) {
      this.returned = error;
      this.threw = true;
      fail(job, error);
      return;
    }
    if (promise === undefined) {
      complete(job, this.returned);
      return;
    }
    this.returned = promise.then(
      (value) => complete(job, value),
      (error: unknown) => {
        fail(job, error);
        // One that was queued is followed by its job.
        if (!this.queued) this.reject(handlerError(error, job, state));
      },
    );
  }

  callHandler(): unknown {
    const { thisArg, args } = this;
    const { handler } = this.atomic;
    // Most have two arguments, and an array need not be taken apart for them.
    if (args.length === 2) return handler.call(thisArg, args[0], args[1]);
    return Reflect.apply(handler, thisArg, args);
  }

  /** Whether a handler of Fastify's goes on until its reply is sent, in a way that can be known. */
  isSentLater(returned: unknown): boolean {
    const { replyOf } = this.atomic.convention;
    if (replyOf === undefined) return false;
    return returned === replyOf(this.args) || (this.queued && returned === undefined);
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
