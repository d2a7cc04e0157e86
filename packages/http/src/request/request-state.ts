import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Job, Scheduler } from '@outlive/core';
import type { Group } from '@outlive/core/internal';
import { SchedulerMissingError } from '../errors.ts';
import { ResponseEnd } from './response-end.ts';

/** A request in any framework's form: node's, Express's `req`, Koa's `ctx`, Fastify's `request`, Hono's `c`. */
export type RequestLike = object;

/** What is known of one request: which scheduler serves it, and what of it runs. */
export class RequestJobs {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  scheduler: Scheduler;
  /** The jobs of the request's server in that scheduler; `undefined` without a server to drain. */
  group: Group | undefined;
  /** The job of the outermost atomic handler, which holds the request's slot. */
  slot: Job | undefined = undefined;
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
      const controller = new AbortController();
      this.#disconnect = controller;
      this.end.on((how) => {
        if (how === 'gone') controller.abort();
      });
    }
    return this.#disconnect.signal;
  }

  /** The slot that an atomic handler of this request holds right now. */
  get heldSlot(): Job | undefined {
    return this.slot?.closed === false ? this.slot : undefined;
  }
}

// On the request itself: a WeakMap would cost each request more than all the rest of what is done for it.
const known: unique symbol = Symbol('outlive.request');

interface Known {
  [known]?: RequestJobs;
}

/** Says which scheduler serves a request. The last to say so wins: the innermost app's middleware. */
export function bindRequest(
  request: IncomingMessage & Known,
  response: ServerResponse,
  scheduler: Scheduler,
  group: Group | undefined,
): void {
  const jobs = request[known];
  // One that was made by `Object.create()` of another has inherited the other's.
  if (jobs?.request !== request) {
    request[known] = new RequestJobs(request, response, scheduler, group);
  } else {
    jobs.scheduler = scheduler;
    jobs.group = group;
  }
}

/** Looks a request up in whichever form it comes, without an `instanceof`: `inject()` fakes them all. */
export function findRequestJobs(request: RequestLike & Known): RequestJobs | undefined {
  const direct = request[known];
  if (direct !== undefined) return direct;
  const { raw, env, req } = request as {
    raw?: Known;
    env?: { incoming?: Known };
    req?: Known;
  };
  for (const candidate of [env?.incoming, raw, req]) {
    const found =
      typeof candidate === 'object' && candidate !== null ? candidate[known] : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

export function requestJobs(request: RequestLike): RequestJobs {
  const found =
    typeof request === 'object' && request !== null ? findRequestJobs(request) : undefined;
  if (found === undefined) throw new SchedulerMissingError();
  return found;
}
