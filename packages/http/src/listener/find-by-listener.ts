import type { IncomingMessage, Server } from 'node:http';
import type { Scheduler } from '@outlive/core';
import { groupOfUpgrade } from '../closing/registry.ts';
import { addFinder, type ServerScheduler } from '../request/server-schedulers.ts';

interface Jobs {
  readonly scheduler: Scheduler;
  readonly drainOnClose: boolean;
}

/** The functions that a listener calls, if it is a framework's app. */
type Inside = (listener: object) => readonly unknown[];

const jobsOf = new WeakMap<object, Jobs>();
const insides = new Set<Inside>();

/**
 * Has a server be known by a listener, or by a middleware inside of one, though its first request may be
 * an upgrade, which neither sees.
 */
export function noteListener(
  listener: object,
  { scheduler, drainOnClose }: Jobs,
  inside?: Inside,
): void {
  jobsOf.set(listener, { scheduler, drainOnClose });
  if (inside !== undefined) insides.add(inside);
  addFinder(findByListener);
}

function findByListener(server: object, request: IncomingMessage): ServerScheduler | undefined {
  const listeners = (server as Partial<Server>).listeners?.('request') ?? [];
  const found = listeners
    .flatMap((listener) => [listener, ...[...insides].flatMap((inside) => inside(listener))])
    .findLast((each) => jobsOf.has(each as object));
  if (found === undefined) return undefined;
  const { scheduler, drainOnClose } = jobsOf.get(found as object) as Jobs;
  return { scheduler, group: drainOnClose ? groupOfUpgrade(request, scheduler) : undefined };
}
