import type { Attributes } from '@opentelemetry/api';
import type { DurableStoreEvent, JobStartEvent } from '@outlive/core';

// Where a job goes through a store, by the conventions for messaging:
// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/

const system = 'outlive';

/** Of few different values, as names of spans have to be. */
export function nameOf({ job, kind, stored }: JobStartEvent): string {
  if (stored !== undefined) return `process ${stored.name}`;
  const what = kind === 'atomic' ? 'atomic' : 'job';
  return job.name === undefined ? what : `${what} ${job.name}`;
}

/** What a sampler may decide by. */
export function spanAttributes({ job, scheduler, kind, stored }: JobStartEvent): Attributes {
  const attributes: Attributes = { 'outlive.job.kind': kind };
  if (scheduler.name !== undefined) attributes['outlive.scheduler.name'] = scheduler.name;
  if (job.name !== undefined) attributes['outlive.job.name'] = job.name;
  if (stored === undefined) return attributes;
  attributes['messaging.system'] = system;
  attributes['messaging.operation.name'] = 'process';
  attributes['messaging.operation.type'] = 'process';
  attributes['messaging.destination.name'] = stored.name;
  attributes['messaging.message.id'] = stored.id;
  return attributes;
}

/** What else a span has that is kept: the SDK looks at each attribute, even where it then drops the span. */
export function recordedAttributes({ job, attempt, wait, stored }: JobStartEvent): Attributes {
  return {
    'outlive.job.id': job.id,
    'outlive.job.attempt': stored?.attempt ?? attempt,
    'outlive.job.wait': wait / 1_000,
  };
}

export function sendAttributes({ name, count }: DurableStoreEvent): Attributes {
  const attributes: Attributes = {
    'messaging.system': system,
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.destination.name': name,
  };
  if (count > 1) attributes['messaging.batch.message_count'] = count;
  return attributes;
}
