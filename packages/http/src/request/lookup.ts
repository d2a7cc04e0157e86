import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scheduler } from '@outlive/core';
import type { Group } from '@outlive/core/internal';
import { SchedulerMissingError } from '../errors.ts';
import { boundByOtherCopy, requestSymbol } from './copies.ts';
import type { RequestLike } from './request-like.ts';
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

/** Looks a request up in whichever form it comes, without an `instanceof`: `inject()` fakes them all. */
export function findRequestState(request: unknown): RequestState | undefined {
  const candidates = formsOf(request);
  for (const candidate of candidates) {
    const found = candidate[known];
    if (found !== undefined) return found;
  }
  for (const candidate of candidates) {
    const found = bindUpgrade(candidate);
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
  if (found !== undefined) return found;
  const forms = formsOf(request);
  const upgrade = forms.find(isUpgradeRequest);
  throw new SchedulerMissingError(
    forms.map(boundByOtherCopy).find((why) => why !== undefined) ??
      (upgrade && whyNoneOfUpgrade(upgrade)),
  );
}

/** The objects that may be the raw request. */
function formsOf(request: unknown): readonly (object & Known)[] {
  if (typeof request !== 'object' || request === null) return [];
  const { raw, env, req } = request as {
    raw?: unknown;
    env?: { incoming?: unknown };
    req?: unknown;
  };
  return [request, env?.incoming, raw, req].filter(
    (form): form is object & Known => typeof form === 'object' && form !== null,
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
