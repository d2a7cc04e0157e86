import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scheduler } from '@outlive/core';
import type { Group } from '@outlive/core/internal';
import { SchedulerMissingError } from '../errors.ts';
import type { RequestLike } from './request-like.ts';
import { RequestState } from './request-state.ts';

// On the request itself: a WeakMap would cost each request more than all the rest of what is done for it.
const known: unique symbol = Symbol('outlive.request');

interface Known {
  [known]?: RequestState;
}

/** Notes which scheduler serves a request. The last call wins: that of the innermost app's middleware. */
export function bindRequest(
  request: IncomingMessage & Known,
  response: ServerResponse,
  scheduler: Scheduler,
  group: Group | undefined,
): void {
  const state = request[known];
  // One that was made by `Object.create()` of another has inherited the other's.
  if (state?.request !== request) {
    request[known] = new RequestState(request, response, scheduler, group);
  } else {
    state.scheduler = scheduler;
    state.group = group;
  }
}

/** Looks a request up in whichever form it comes, without an `instanceof`: `inject()` fakes them all. */
export function findRequestState(request: unknown): RequestState | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const { raw, env, req } = request as {
    raw?: Known;
    env?: { incoming?: Known };
    req?: Known;
  };
  for (const candidate of [request as Known, env?.incoming, raw, req]) {
    const found =
      typeof candidate === 'object' && candidate !== null ? candidate[known] : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @throws {@link SchedulerMissingError} where no jobs middleware has run on the request */
export function requestState(request: RequestLike & Known): RequestState {
  // Most requests are node's own.
  return (request as Known | undefined)?.[known] ?? lookedUp(request);
}

function lookedUp(request: RequestLike): RequestState {
  const found = findRequestState(request);
  if (found === undefined) throw new SchedulerMissingError();
  return found;
}
