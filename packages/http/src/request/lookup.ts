import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scheduler } from '@outlive/core';
import type { Group } from '@outlive/core/internal';
import { SchedulerMissingError } from '../errors.ts';
import { boundByOtherCopy, requestSymbol } from './copies.ts';
import { findInRequest, isWebRequest, type RequestLike } from './request-like.ts';
import { RequestState } from './request-state.ts';
import { schedulersOfServer } from './server-schedulers.ts';
import { isUpgradeRequest, responseOfUpgrade, whyNoneOfUpgrade } from './upgrade-request.ts';

// On the request itself: a WeakMap would cost each request more than all the rest of what is done for it.
const known: typeof requestSymbol = requestSymbol;

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

/** Looks a request up in whichever form it comes. */
export function findRequestState(request: unknown): RequestState | undefined {
  return findInRequest(request, stateOf) ?? findInRequest(request, bindUpgrade);
}

function stateOf(candidate: object & Known): RequestState | undefined {
  return candidate[known];
}

/** @throws {@link SchedulerMissingError} where no jobs middleware has run on the request */
export function requestState(request: RequestLike & Known): RequestState {
  // Most requests are node's own.
  return (request as Known | undefined)?.[known] ?? lookedUp(request);
}

const ofWebRequest =
  'No scheduler is known by a web `Request`, which does not know the request of Node that it was made of. ' +
  'Give `c` in Hono, `context.req` in GraphQL Yoga; in a route handler of Next.js call `spawn()` of the scheduler.';

function lookedUp(request: RequestLike): RequestState {
  const found = findRequestState(request);
  if (found !== undefined) return found;
  throw new SchedulerMissingError(
    findInRequest(request, boundByOtherCopy) ??
      findInRequest(request, whyNoneOfUpgrade) ??
      (isWebRequest(request) ? ofWebRequest : undefined),
  );
}

/** No jobs middleware sees an `'upgrade'` request: it belongs to the one scheduler of its server. */
function bindUpgrade(request: object & Known): RequestState | undefined {
  if (!isUpgradeRequest(request)) return undefined;
  const [only, ...others] = schedulersOfServer(request);
  if (only === undefined || others.length > 0) return undefined;
  bindRequest(request, responseOfUpgrade(request), only.scheduler, only.group);
  return (request as Known)[known];
}
