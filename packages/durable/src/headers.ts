import { type Channel, channel } from 'node:diagnostics_channel';
import type { DurableStoreEvent, Scheduler } from '@outlive/core';
import { publish } from '@outlive/core/internal';

/** What is stored beside the payload of a job, for what watches it: a trace context, by the names of its headers. */
export type Headers = Readonly<Record<string, string>>;

const storeChannel: Channel = channel('outlive:durable:store');

/** What subscribers want to be stored with a job that is about to be. */
export function collectHeaders(scheduler: Scheduler, name: string): Headers | undefined {
  if (!storeChannel.hasSubscribers) return undefined;
  const event: DurableStoreEvent = { scheduler, name, headers: {} };
  publish(storeChannel, event);
  return parseHeaders(event.headers);
}

/** Headers that came from a subscriber or a store, where anything may be. */
export function parseHeaders(value: unknown): Headers | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
