import * as core from '@outlive/core/internal';
import type { JobRecord, ResolvedJobOptions } from '@outlive/core/internal';
import { findRequestState, requestState } from '../request/lookup.ts';
import type { RequestLike } from '../request/request-like.ts';
import type { RequestState } from '../request/request-state.ts';
import { AtomicCall } from './atomic-call.ts';
import { handlerError, refusal } from './handler-error.ts';
import type { AtomicHandler } from './handler.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const { checkString, generatorError, isGenerator, observed, poolOf, promiseOf, settlementOf } =
  core;
const { extend } = core.settle;

/**
 * Calls a handler as a job of its request's scheduler. With a free slot it returns what the handler
 * returns, at once and of the same kind; queued, a promise for it. Errors go to the convention's `fail`, or
 * are thrown where there is none; what happens before the handler has returned is thrown in any case.
 *
 * @param args - all arguments, where there are not just two
 */
export function runAtomic(
  atomic: AtomicHandler,
  thisArg: unknown,
  first: unknown,
  second: unknown,
  args: readonly unknown[] | undefined,
): unknown {
  const state = stateOf(atomic, first, second, args);
  const call = new AtomicCall(atomic, state, thisArg, first, second, args);
  return atomic.failUnawaited === undefined ? run(call) : watched(call, atomic.failUnawaited);
}

/** A promise that `run()` gives, as one that knows whether anybody awaits it. */
function watched(
  call: AtomicCall,
  failUnawaited: (error: unknown, state: RequestState) => void,
): unknown {
  const returned = run(call);
  const promise = promiseOf(returned);
  if (promise === undefined) return returned;
  return observed(promise, (error) => {
    failUnawaited(error, call.state);
  });
}

function run(call: AtomicCall): unknown {
  const { atomic, state } = call;
  const { heldSlot } = state;
  if (heldSlot !== undefined) return runInside(heldSlot, call);

  const dropping = atomic.skipDisconnected ? new AbortController() : undefined;
  const keyed = atomic.keyOf === undefined ? atomic.jobOptions : withKey(call, atomic.keyOf);
  const options = dropping === undefined ? keyed : { ...keyed, signal: dropping.signal };
  const pool = poolOf(state.scheduler);
  let accepted: JobRecord | Promise<JobRecord>;
  try {
    accepted = atomic.waitsForRoom
      ? pool.spawn(call, options, state.group)
      : pool.spawnNow(call, options, state.group);
  } catch (error) {
    const refused = refusal(error, state.response);
    if (atomic.failUnawaited === undefined) throw refused;
    // Its caller may be a timer or an event, which could not take it.
    return rejected(refused);
  }
  if (call.job === undefined) return runLater(accepted, call, dropping);
  if (call.threw) throw handlerError(call.returned, call.job, state);
  return call.returned;
}

async function rejected(error: unknown): Promise<never> {
  throw error;
}

/** The argument that is the request, where its framework gives it. */
function requestOf(
  atomic: AtomicHandler,
  first: unknown,
  args: readonly unknown[] | undefined,
): RequestLike {
  return (args === undefined ? first : (atomic.requestOf?.(args) ?? first)) as RequestLike;
}

/** Of NestJS's methods, whose arguments come in any order, it is looked for among all of them. */
function stateOf(
  atomic: AtomicHandler,
  first: unknown,
  second: unknown,
  args: readonly unknown[] | undefined,
): RequestState {
  try {
    return requestState(requestOf(atomic, first, args));
  } catch (missing) {
    for (const each of args ?? [first, second]) {
      const found = findRequestState(each);
      if (found !== undefined) return found;
    }
    throw missing;
  }
}

function withKey(
  { atomic, first, args }: AtomicCall,
  keyOf: NonNullable<AtomicHandler['keyOf']>,
): ResolvedJobOptions {
  const { jobOptions } = atomic;
  const key: unknown = keyOf(requestOf(atomic, first, args));
  return key === undefined ? jobOptions : { ...jobOptions, key: checkString('key(request)', key) };
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
  const failed = (error: unknown): void => {
    call.reject(handlerError(error, slot, state));
  };
  return promise.then((value) => (isGenerator(value) ? failed(generatorError()) : value), failed);
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
