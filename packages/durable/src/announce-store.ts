import { type Channel, channel } from 'node:diagnostics_channel';
import type { DurableStoreEvent, Scheduler } from '@outlive/core';
import { deferred, publish } from '@outlive/core/internal';
import { type Headers, parseHeaders } from './headers.ts';

const storeChannel: Channel = channel('outlive:durable:store');

/** A call that stores jobs, and that somebody watches. */
export interface WatchedStore {
  /** What subscribers want to be stored with the jobs. */
  readonly headers: Headers | undefined;
  /** @param ids - `null` of a job that was not stored */
  readonly succeed: (ids: readonly (string | null)[]) => void;
  readonly fail: (error: unknown) => void;
}

/** Tells subscribers that jobs are about to be stored; `undefined` where there are none. */
export function announceStore(
  scheduler: Scheduler,
  name: string,
  count: number,
): WatchedStore | undefined {
  if (!storeChannel.hasSubscribers) return undefined;
  // Whoever stores gets the error; subscribers need not look.
  const { promise: ids, resolve: succeed, reject: fail } = deferred<readonly (string | null)[]>();
  const event: DurableStoreEvent = { scheduler, name, count, headers: {}, ids };
  publish(storeChannel, event);
  return { headers: parseHeaders(event.headers), succeed, fail };
}
