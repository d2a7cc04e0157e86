import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Atomic } from '../atomic/atomic.ts';
import { makeAtomic } from '../atomic/make-atomic.ts';
import type { RequestState } from '../request/request-state.ts';
import { answerError } from './answer-error.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

function answer(error: unknown, { response, scheduler }: RequestState): void {
  answerError(response, scheduler, error);
}

const forCallers = makeAtomic({ failUnawaited: answer });
const forListener = makeAtomic({
  fail: (error, _args, state) => {
    answer(error, state);
  },
});

/** Of an atomic handler the same one for `jobsListener()` itself, which need not watch who awaits its promise. */
const twins = new WeakMap<object, Listener>();

/** What a jobs listener calls. */
export function answering(listener: Listener): Listener {
  return twins.get(listener) ?? listener;
}

/**
 * Runs a `(req, res)` listener as a job: to its end whatever the client does, waited for when the server
 * closes, counted against the scheduler's `limit`. An atomic handler called by another of the same
 * request runs in the slot that it holds. Goes inside {@link jobsListener}, anywhere in its listener.
 *
 * Its promise rejects with what the handler throws, and with the 503 of a call for which there is no room. Where
 * nobody awaits it by the end of the turn the request is answered as {@link jobsListener} answers failures.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { atomic, jobsListener } from '@outlive/http';
 *
 * createServer(jobsListener(atomic(async (req, res) => {
 *   for await (const chunk of req) void chunk;
 *   res.end('charged');
 * }, { timeout: 10_000 })));
 * ```
 */
export const atomic = ((...args: Parameters<typeof forCallers>): unknown => {
  const wrapped: unknown = forCallers(...args);
  if (typeof wrapped === 'function' && typeof args[0] === 'function') {
    const twin: unknown = forListener(...args);
    twins.set(wrapped, twin as Listener);
  }
  return wrapped;
}) as Atomic<Listener>;
