import type { JobSpec, OpenBackendOptions } from '../../backend.ts';
import type { ConstructorOptions, QueueOptions } from './types.ts';

/** In seconds. */
const day = 24 * 60 * 60;

/** What both stores set up in pg-boss: it keeps the jobs, our scheduler runs them. */
export function bossOptions({ work }: OpenBackendOptions, schema: string): ConstructorOptions {
  return {
    schema,
    // Its housekeeping, which takes some statements for every queue. Leases that ran out are found by us: see watch.ts.
    supervise: work,
    superviseIntervalSeconds: 10 * 60,
    monitorIntervalSeconds: 1,
    // Its own cron and its own workers are not used.
    schedule: false,
    useListenNotify: false,
  };
}

/** The settings of one job's queue. pg-boss counts in whole seconds. */
export function queueOptions({ retries, backoff, leaseTime }: JobSpec): QueueSettings {
  return {
    retryLimit: retries,
    retryDelay: Math.ceil(backoff / 1_000),
    retryBackoff: backoff > 0,
    heartbeatSeconds: Math.ceil(leaseTime / 1_000),
    // The longest that pg-boss allows: the lease and our own timeout decide.
    expireInSeconds: day,
    // Ten years. By default pg-boss deletes a job that nobody has claimed for two weeks.
    retentionSeconds: 3_650 * day,
    // Not by pg-boss, which tells no completed jobs from failed ones: see retention.ts.
    deleteAfterSeconds: 0,
    notify: true,
  };
}

type QueueSettings = QueueOptions & { readonly notify: boolean };
