import type {
  GroupOptions,
  Job,
  JobFunction,
  JobGroup,
  JobOptions,
  Scheduler,
  Spawnable,
} from '@outlive/core';
import { isSpawnable, resolveJobOptions } from '@outlive/core/internal';
import type { RequestLike } from './request-like.ts';
import { findRequestState, requestState } from './lookup.ts';

/**
 * The scheduler that serves a request: that of the last jobs middleware that ran on it, so the innermost
 * app's. Also after the response has ended and after the client has left.
 *
 * @throws {@link SchedulerMissingError} with the line to add
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { getScheduler, jobsListener } from '@outlive/http';
 *
 * createServer(jobsListener((req, res) => {
 *   res.end(String(getScheduler(req).activeCount));
 * }));
 * ```
 */
export function getScheduler(request: RequestLike): Scheduler {
  return requestState(request).scheduler;
}

/**
 * {@link getScheduler}, but `undefined` where no jobs middleware has run on the request.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { getSchedulerFromRequest } from '@outlive/http';
 *
 * createServer((req, res) => {
 *   res.end(getSchedulerFromRequest(req) === undefined ? 'no jobs here' : 'jobs');
 * });
 * ```
 */
export function getSchedulerFromRequest(request: RequestLike): Scheduler | undefined {
  return findRequestState(request)?.scheduler;
}

/**
 * Runs a function as a background job of the request's server: the client may leave and the response
 * end; the server's close waits for it. Otherwise as `Scheduler.spawn()`.
 *
 * Given a job that `defineJob()` of `@outlive/durable` made, and its payload, it stores that in the
 * request's scheduler, or runs it there if that has no store. Resolves to the job's id when it is stored.
 *
 * @throws {@link SchedulerMissingError} where no jobs middleware has run on the request
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { jobsListener, spawn } from '@outlive/http';
 *
 * createServer(jobsListener(async (req, res) => {
 *   await spawn(req, async ({ signal }) => console.log('sending the receipt', signal.aborted));
 *   res.writeHead(202).end();
 * }));
 * ```
 */
export function spawn<T>(
  request: RequestLike,
  fn: JobFunction<T>,
  options?: JobOptions,
): Promise<Job<T>>;
/**
 * Stores a job of `defineJob()`, with its payload, in the request's scheduler, or runs it there if that has no store.
 *
 * @throws rejects with `JobNotStoredError` or `JobPayloadError` of `@outlive/durable`
 */
export function spawn<A extends unknown[], R>(
  request: RequestLike,
  job: Spawnable<A, R>,
  ...args: A
): R;
export function spawn(
  request: RequestLike,
  work: JobFunction<unknown> | Spawnable,
  ...args: unknown[]
): unknown {
  const state = requestState(request);
  if (isSpawnable(work)) return work.spawnOn(state, ...(args as never));
  return state.spawn(work, args[0] as JobOptions | undefined);
}

/**
 * Tracks work that must not be cut off, as `Scheduler.shield()` does; the server's close waits for it.
 *
 * @throws {@link SchedulerMissingError} where no jobs middleware has run on the request
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { disconnectSignal, jobsListener, shield } from '@outlive/http';
 *
 * createServer(jobsListener(async (req, res) => {
 *   // Given up on when the client leaves; paid all the same.
 *   const receipt = await shield(req, async () => 'paid', { signal: disconnectSignal(req) });
 *   res.end(receipt);
 * }));
 * ```
 */
export function shield<T>(
  request: RequestLike,
  work: PromiseLike<T> | JobFunction<T>,
  options?: { signal?: AbortSignal | undefined },
): Promise<T> {
  return requestState(request).shield(work, options);
}

/**
 * Runs a job once the response has been sent or its connection is gone, exactly once; at once if that
 * is so already. Never refused for want of room. An own `after` in the options is waited for as well.
 *
 * @throws {@link SchedulerMissingError} where no jobs middleware has run on the request,
 *   `SchedulerClosedError` once the scheduler is closed
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { after, jobsListener } from '@outlive/http';
 *
 * createServer(jobsListener((req, res) => {
 *   after(req, () => console.log('answered; now warming the cache'), { name: 'warm' });
 *   res.end('ok');
 * }));
 * ```
 */
export function after<T>(request: RequestLike, fn: JobFunction<T>, options?: JobOptions): Job<T> {
  const state = requestState(request);
  const { end } = state;
  const resolved = resolveJobOptions(options);
  const responseOver = end.over ? undefined : end.whenOver();
  const held =
    resolved.after === undefined
      ? responseOver
      : responseOver === undefined
        ? resolved.after
        : Promise.allSettled([responseOver, resolved.after]);
  return state.spawnAfter(fn, { ...resolved, after: held });
}

/**
 * Opens a group of jobs that end together, as `Scheduler.group()` does; the server's close waits for them. Its
 * `signal` is that of {@link requestSignal} unless another is given. Below a running atomic handler the group is inside
 * it: its jobs run in the slot that the request holds, at most `limit` (default 10) at once.
 *
 * @throws {@link SchedulerMissingError} where no jobs middleware has run on the request, TypeError or RangeError for
 *   a bad option
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { atomic, group, jobsListener } from '@outlive/http';
 *
 * createServer(jobsListener(atomic(async (req, res) => {
 *   await using parts = group(req, { limit: 5 });
 *   const jobs = ['a', 'b'].map((part) => parts.spawnNow(async () => part.toUpperCase()));
 *   await parts.wait();
 *   res.end((await Promise.all(jobs.map((job) => job.wait()))).join());
 * })));
 * ```
 */
export function group(request: RequestLike, options?: GroupOptions): JobGroup {
  return requestState(request).openGroup(options);
}

/**
 * Aborts when the client has left before the response was ended. Made on first read, and aborted
 * already if the client left earlier. Node cannot tell a client that left from a response that the
 * server itself destroyed.
 *
 * @throws {@link SchedulerMissingError} where no jobs middleware has run on the request
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { disconnectSignal, jobsListener } from '@outlive/http';
 *
 * createServer(jobsListener(async (req, res) => {
 *   const rows = await fetch('http://127.0.0.1:9/slow', { signal: disconnectSignal(req) });
 *   res.end(await rows.text());
 * }));
 * ```
 */
export function disconnectSignal(request: RequestLike): AbortSignal {
  return requestState(request).disconnectSignal;
}

/**
 * Inside an atomic handler the signal of its job, which a leaving client does not abort; elsewhere
 * {@link disconnectSignal}.
 *
 * @throws {@link SchedulerMissingError} where no jobs middleware has run on the request
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { atomic, jobsListener, requestSignal } from '@outlive/http';
 *
 * createServer(jobsListener(atomic(async (req, res) => {
 *   await fetch('http://127.0.0.1:9/pay', { method: 'POST', signal: requestSignal(req) });
 *   res.end('paid');
 * })));
 * ```
 */
export function requestSignal(request: RequestLike): AbortSignal {
  return requestState(request).signal;
}
