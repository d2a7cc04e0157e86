import type { IncomingMessage } from 'node:http';
import type { Scheduler } from '@outlive/core';
import type { Group } from '@outlive/core/internal';

/** A scheduler that hangs on a server, with the group of the jobs of that server's own requests. */
export interface ServerScheduler {
  readonly scheduler: Scheduler;
  readonly group: Group | undefined;
}

const known = new WeakMap<object, () => readonly ServerScheduler[]>();

/** Tells what hangs on a server, for requests that no jobs middleware sees. */
export function noteServer(server: object, schedulers: () => readonly ServerScheduler[]): void {
  known.set(server, schedulers);
}

/** Finds what will hang on a server from its first request on, and attaches it. */
type Finder = (server: object, request: IncomingMessage) => ServerScheduler | undefined;

const finders = new Set<Finder>();

/** Has a finder asked for servers on which nothing hangs so far. */
export function addFinder(finder: Finder): void {
  finders.add(finder);
}

/** The schedulers that hang on the server of a request by now. */
export function schedulersOfServer(request: IncomingMessage): readonly ServerScheduler[] {
  const { server } = (request.socket as { server?: object } | undefined) ?? {};
  if (server === undefined) return [];
  const noted = known.get(server)?.() ?? [];
  if (noted.length > 0) return noted;
  const found = [...finders].map((find) => find(server, request));
  return found.filter((each) => each !== undefined);
}
