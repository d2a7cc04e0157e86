import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JobContext, Scheduler } from '@outlive/core';
import type { Group } from '@outlive/core/internal';
import type { HttpServer } from '../connections/http-server.ts';
import { isUpgradeRequest } from '../request/upgrade-request.ts';
import { ServerDrain } from './server-drain.ts';
import { serversOf } from './servers-of-scheduler.ts';

const drains = new WeakMap<HttpServer, ServerDrain>();

/** The drain of a server that the user's code asks for, made at the first call. */
export function serverDrain(server: HttpServer): ServerDrain {
  const drain = drainOf(server, false);
  drain.asked();
  return drain;
}

/** The group of the jobs of a request: that of its server, which gets its drain at its first request. */
export function groupOfRequest(
  request: IncomingMessage,
  response: ServerResponse,
  scheduler: Scheduler,
): Group | undefined {
  // What `inject()` makes has no server.
  const { server } = (request.socket ?? {}) as { server?: HttpServer };
  if (typeof server?.emit !== 'function') return undefined;
  const attached = drains.get(server);
  if (attached?.patch() === true) return attached.attachments.of(scheduler).group;
  const drain = drainOf(server, true);
  // A framework may route an upgrade through its middleware as well.
  if (isUpgradeRequest(request)) drain.connections.addUpgraded(request.socket);
  else drain.connections.addResponse(request, response);
  return drain.attachments.of(scheduler).group;
}

/** `groupOfRequest()` for an upgrade request that comes before all others. */
export function groupOfUpgrade({ socket }: IncomingMessage, scheduler: Scheduler): Group {
  const drain = drainOf((socket as unknown as { server: HttpServer }).server, true);
  drain.connections.addUpgraded(socket);
  return drain.attachments.of(scheduler).group;
}

/** The jobs that wait for the present or the last close of a server, and said so. */
export function leftOutOfClose(server: HttpServer): readonly JobContext[] {
  return drains.get(server)?.leavesOut ?? [];
}

/** Has a server end with that of a drain, unless that one has been let go of. */
export function linkServer(drain: ServerDrain, server: HttpServer): void {
  if (drain.patched && server !== drain.server) drain.link(serverDrain(server));
}

/** Whether no other server than these that the whole scheduler is attached to is open or closing. */
export function areLastOf(scheduler: Scheduler, servers: ReadonlySet<HttpServer>): boolean {
  return serversOf(scheduler).every(
    (each) => servers.has(each) || (!each.listening && drains.get(each)?.closing !== true),
  );
}

function drainOf(server: HttpServer, byItself: boolean): ServerDrain {
  let drain = drains.get(server);
  if (drain === undefined) {
    drain = new ServerDrain(server, byItself);
    drains.set(server, drain);
    if (byItself && hasStopped(server)) drain.beginCloseLate();
  }
  drain.patch();
  return drain;
}

/** Whether it has listened and does not any more; a server that is handed its connections never did. */
function hasStopped(server: HttpServer & { readonly _connectionKey?: string }): boolean {
  return !server.listening && server._connectionKey !== undefined;
}
