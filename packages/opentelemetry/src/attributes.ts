import type { Attributes } from '@opentelemetry/api';
import type { Scheduler } from '@outlive/core';

/** By what metrics and spans are told apart. */
export function attributesOf(scheduler: Scheduler, jobName: string | undefined): Attributes {
  const attributes: Attributes = {};
  if (scheduler.name !== undefined) attributes['outlive.scheduler.name'] = scheduler.name;
  if (jobName !== undefined) attributes['outlive.job.name'] = jobName;
  return attributes;
}
