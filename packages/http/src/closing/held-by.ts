import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Job } from '@outlive/core';
import { poolOf } from '@outlive/core/internal';
import type { Connections } from '../connections/connections.ts';
import { findRequestState } from '../request/lookup.ts';
import type { Attachments } from './attachments.ts';

const waitsForItself =
  'A handler or job that awaits this close waits for itself: ' +
  "`await shutdown({ from })` of gracefulShutdown()'s handle leaves it out.";
const turnOff =
  'Where nobody shall wait for them, as in a test, give the jobs middleware `drainOnClose: false`.';

/** What a close waits for, where that may surprise its caller. */
export function describeHold(
  byItself: boolean,
  attachments: Attachments,
  connections: readonly Connections[],
): string | undefined {
  const jobs = attachments.all.flatMap((attachment) =>
    poolOf(attachment.scheduler).jobsOf(attachments.scope(attachment)),
  );
  const shields = attachments.all.reduce((sum, { group }) => sum + group.shields, 0);
  const responses = connections.flatMap(({ inFlight }) => inFlight);
  const handlers = new Map<Job, ServerResponse>();
  for (const response of responses) {
    const slot = findRequestState(response.req)?.heldSlot;
    if (slot !== undefined) handlers.set(slot, response);
  }
  const names = jobs.map((job) => nameOf(job, handlers.get(job)?.req));
  if (byItself) {
    if (shields > 0) names.push(`shielded work (${shields})`);
    if (names.length === 0) return undefined;
    return `A close() of a server still waits for jobs of its requests: ${names.join(', ')}. ${turnOff} ${waitsForItself}`;
  }
  // The user's code has asked for jobs to be waited for. But a close that only atomic handlers hold may wait for ever.
  const onlyHandlers =
    handlers.size > 0 &&
    handlers.size === responses.length &&
    shields === 0 &&
    jobs.every((job) => handlers.has(job)) &&
    !connections.some(({ hasOthers }) => hasOthers);
  if (!onlyHandlers) return undefined;
  return `A close() of a server still waits for atomic handlers: ${names.join(', ')}. ${waitsForItself}`;
}

function nameOf({ name, id }: Job, request: IncomingMessage | undefined): string {
  const label = name ?? `job ${id}`;
  if (request === undefined) return label;
  // Not the query, which may hold what is nobody's business in a log.
  const [path] = (request.url ?? '').split('?');
  return `${label} (${request.method} ${path})`;
}
