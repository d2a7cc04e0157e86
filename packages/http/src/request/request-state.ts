import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  GroupOptions,
  Job,
  JobContext,
  JobFunction,
  JobGroup,
  JobOptions,
  Scheduler,
  SpawnTarget,
} from '@outlive/core';
import * as core from '@outlive/core/internal';
import { checkPlainObject } from '@outlive/core/internal';
import type { Group, JobRecord, ResolvedJobOptions } from '@outlive/core/internal';
import { ResponseEnd } from './response-end.ts';
import { isUpgradeRequest } from './upgrade-request.ts';
import { noteWaitForUpgraded } from './upgraded-waits.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const {
  checkJobFunction,
  checkShieldable,
  newController,
  openGroup,
  poolOf,
  resolveJobOptions,
  resolveShieldOptions,
} = core;

/** What is known of one request: which scheduler serves it, and what of it runs. */
export class RequestState implements SpawnTarget {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  scheduler: Scheduler;
  /** The jobs of the request's server in that scheduler; `undefined` without a server to drain. */
  group: Group | undefined;
  /** The job of the outermost atomic handler, which holds the request's slot. */
  slot: JobRecord | undefined = undefined;
  #end: ResponseEnd | undefined;
  #disconnect: AbortController | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    scheduler: Scheduler,
    group: Group | undefined,
  ) {
    this.request = request;
    this.response = response;
    this.scheduler = scheduler;
    this.group = group;
  }

  /** When the response is over, and whether the client was gone by then. */
  get end(): ResponseEnd {
    this.#end ??= new ResponseEnd(this.request, this.response);
    return this.#end;
  }

  get disconnectSignal(): AbortSignal {
    if (this.#disconnect === undefined) {
      const controller = newController();
      this.#disconnect = controller;
      this.end.on((how) => {
        if (how === 'gone') controller.abort();
      });
    }
    return this.#disconnect.signal;
  }

  /** The slot that an atomic handler of this request holds right now. */
  get heldSlot(): JobRecord | undefined {
    return this.slot?.closed === false ? this.slot : undefined;
  }

  /** Of its running atomic handler, else that of its client. */
  get signal(): AbortSignal {
    return this.heldSlot?.signal ?? this.disconnectSignal;
  }

  /** What may call and say that it is this request: its atomic handler, or where none runs the jobs spawned for it. */
  get callers(): readonly JobContext[] {
    const { heldSlot, scheduler, group } = this;
    if (heldSlot !== undefined) return [heldSlot];
    const jobs = poolOf(scheduler).jobsOf(group);
    return jobs.filter((job) => !job.pending && requestOfJob(job) === this);
  }

  /** The `after` jobs that wait for the end of its response. */
  get waiting(): readonly JobContext[] {
    const jobs = poolOf(this.scheduler).jobsOf(this.group);
    return jobs.filter((job) => awaitedRequest(job) === this);
  }

  spawn<T>(fn: JobFunction<T>, options?: JobOptions): Promise<Job<T>> {
    return poolOf(this.scheduler).spawn(this.#noting(fn), resolveJobOptions(options), this.group);
  }

  /** `spawnNow()`, never refused for want of room, of a job that waits for the end of the response. */
  spawnAfter<T>(fn: JobFunction<T>, options: ResolvedJobOptions): Job<T> {
    const job = poolOf(this.scheduler).spawnNow(this.#noting(fn), options, this.group, true);
    if (job.pending) {
      job.extend().origin = this;
      if (isUpgradeRequest(this.request)) noteWaitForUpgraded(this.scheduler, job, this.end);
    }
    return job;
  }

  shield<T>(
    work: PromiseLike<T> | JobFunction<T>,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<T> {
    const signal = resolveShieldOptions(options);
    checkShieldable('work', work);
    return poolOf(this.scheduler).shield(work, signal, this.group);
  }

  openGroup(options: GroupOptions | undefined): JobGroup {
    if (options !== undefined) checkPlainObject('options', options);
    const inside = options?.inside ?? this.heldSlot;
    // Inside the handler's job the group ends with it anyway.
    const signal = options?.signal ?? (inside === undefined ? this.signal : undefined);
    const own = { ...options, signal, inside };
    return openGroup(poolOf(this.scheduler), own, this.group, this);
  }

  /** The function, once its job is known as one of this request. */
  #noting<T>(fn: JobFunction<T>): JobFunction<T> {
    checkJobFunction('fn', fn);
    const noting = (job: JobContext): T | PromiseLike<T> => {
      (job as JobRecord).extend().origin = this;
      return fn(job);
    };
    // For the events that come before it is called.
    noting.origin = this;
    return noting;
  }
}

/** The request that a running job, or an `after` job, was spawned for. */
export function requestOfJob(job: JobContext): RequestState | undefined {
  const origin = (job as Partial<JobRecord>).extras?.origin;
  return origin instanceof RequestState ? origin : undefined;
}

/** The request that a job has been spawned `after`, while its response is not over. */
export function awaitedRequest(job: JobRecord): RequestState | undefined {
  // Of pending jobs only those have one.
  const request = job.pending ? requestOfJob(job) : undefined;
  return request?.end.over === false ? request : undefined;
}
