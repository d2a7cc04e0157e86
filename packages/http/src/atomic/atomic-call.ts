import * as core from '@outlive/core/internal';
import type { JobRecord, SelfSettling } from '@outlive/core/internal';
import type { RequestState } from '../request/request-state.ts';
import { handlerError } from './handler-error.ts';
import type { AtomicHandler } from './handler.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const { generatorError, isGenerator, markHandled, promiseOf } = core;
const { complete, fail } = core.settle;

/** One call of an atomic handler, as its framework makes it: what its job runs. */
export class AtomicCall implements SelfSettling {
  readonly atomic: AtomicHandler;
  readonly state: RequestState;
  readonly thisArg: unknown;
  readonly first: unknown;
  readonly second: unknown;
  /** All arguments, where there are not just two. */
  readonly args: readonly unknown[] | undefined;
  /** Whether the handler has to wait for a slot. */
  queued = false;
  /** Once the handler has been called. */
  job: JobRecord | undefined = undefined;
  /** What the framework gets of a handler that was not queued: what it returned, or has thrown if it `threw`. */
  returned: unknown = undefined;
  threw = false;

  constructor(
    atomic: AtomicHandler,
    state: RequestState,
    thisArg: unknown,
    first: unknown,
    second: unknown,
    args: readonly unknown[] | undefined,
  ) {
    this.atomic = atomic;
    this.state = state;
    this.thisArg = thisArg;
    this.first = first;
    this.second = second;
    this.args = args;
  }

  get kind(): 'atomic' {
    return 'atomic';
  }

  get origin(): RequestState {
    return this.state;
  }

  get sourceStack(): string | undefined {
    return this.atomic.sourceStack;
  }

  /** Runs the handler in a slot of its own, and ends the job as the handler ends. */
  run(job: JobRecord): void {
    this.job = job;
    this.state.slot = job;
    // What the job runs, for whoever looks at live jobs; in time replaced by what comes of it.
    job.work = this;
    markHandled(job);
    let promise: Promise<unknown> | undefined;
    try {
      this.returned = this.callHandler();
      if (this.isSentLater(this.returned)) {
        this.completeWhenSent(job);
        return;
      }
      promise = promiseOf(this.returned);
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
      (value) =>
        typeof value === 'object' && isGenerator(value)
          ? this.promiseFailed(job, generatorError())
          : complete(job, value),
      (error: unknown) => {
        this.promiseFailed(job, error);
      },
    );
  }

  /** The promise that the handler has returned was no good. */
  promiseFailed(job: JobRecord, error: unknown): void {
    fail(job, error);
    // The caller of a queued one hears from its job.
    if (!this.queued) this.reject(handlerError(error, job, this.state));
  }

  completeWhenSent(job: JobRecord): void {
    this.state.end.on(() => {
      complete(job, undefined);
    });
  }

  callHandler(): unknown {
    const { thisArg, args } = this;
    const { handler } = this.atomic;
    return args === undefined
      ? handler.call(thisArg, this.first, this.second)
      : Reflect.apply(handler, thisArg, args);
  }

  /** Whether a handler of Fastify's goes on until its reply is sent, in a way that can be known. */
  isSentLater(returned: unknown): boolean {
    if (this.atomic.hasReply !== true) return false;
    return returned === this.second || (this.queued && returned === undefined);
  }

  /** Gives the framework an error. */
  reject(error: unknown): void {
    const { fail: reject } = this.atomic;
    if (reject === undefined) throw error;
    reject(error, this.args ?? [this.first, this.second], this.state);
  }
}
