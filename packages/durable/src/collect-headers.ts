import { type Channel, channel } from 'node:diagnostics_channel';
import type { DurableStoreEvent, Scheduler } from '@outlive/core';
import { publish } from '@outlive/core/internal';
import { type Headers, parseHeaders } from './headers.ts';

const storeChannel: Channel = channel('outlive:durable:store');

/** What subscribers want to be stored with a job that is about to be. */
export function collectHeaders(scheduler: Scheduler, name: string): Headers | undefined {
  if (!storeChannel.hasSubscribers) return undefined;
  const event: DurableStoreEvent = { scheduler, name, headers: {} };
  publish(storeChannel, event);
  return parseHeaders(event.headers);
}
