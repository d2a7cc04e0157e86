import type { JobSpec, OpenBackendOptions } from '../../backend.ts';
import type { QueueOptions } from './types.ts';

const day = 24 * 60 * 60;

/** How pg-boss is set up in either store: it keeps, we schedule. */
export function bossOptions({ work }: OpenBackendOptions, schema: string): object {
  return {
    schema,
    // Looking after leases that ran out; also deletes what ended long ago.
    supervise: work,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    // Its own cron and its own workers are not used.
    schedule: false,
    useListenNotify: false,
  };
}

/** The queue of one job. pg-boss counts in whole seconds. */
export function queueOptions({ retries, backoff, leaseTime }: JobSpec): QueueOptions {
  return {
    retryLimit: retries,
    retryDelay: Math.ceil(backoff / 1_000),
    retryBackoff: backoff > 0,
    heartbeatSeconds: Math.ceil(leaseTime / 1_000),
    // The lease and our own timeout rule; this is pg-boss's longest.
    expireInSeconds: day,
    // Ten years: else a job that no process has claimed for two weeks would be deleted.
    retentionSeconds: 3_650 * day,
    notify: true,
  };
}
