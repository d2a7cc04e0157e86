import type { Scheduler } from '@outlive/core';
import type { HttpServer } from '../connections/http-server.ts';

/**
 * The servers that each scheduler is attached to as a whole: the last of them to close drains the rest.
 * Weakly, since a scheduler may outlive any number of them, and one that has closed may listen again.
 */
const servers = new WeakMap<Scheduler, Set<WeakRef<HttpServer>>>();

export function serversOf(scheduler: Scheduler): HttpServer[] {
  const found: HttpServer[] = [];
  const references = servers.get(scheduler);
  for (const reference of references ?? []) {
    const server = reference.deref();
    if (server === undefined) references?.delete(reference);
    else found.push(server);
  }
  return found;
}

export function addServer(scheduler: Scheduler, server: HttpServer): void {
  if (serversOf(scheduler).includes(server)) return;
  const references = servers.get(scheduler) ?? new Set();
  servers.set(scheduler, references.add(new WeakRef(server)));
}

export function removeServer(scheduler: Scheduler, server: HttpServer): void {
  const references = servers.get(scheduler);
  for (const reference of references ?? []) {
    if (reference.deref() === server) references?.delete(reference);
  }
}
