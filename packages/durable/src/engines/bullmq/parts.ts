import type { DiedJob } from '../../backend.ts';
import type { JobControl, JobLookup, JobRuns } from '../../backend-operations.ts';
import type { JobSchedules } from '../../backend-schedules.ts';
import type { ErrorThrottle } from '../error-throttle.ts';
import { pollInterval, ReadyQueues } from '../ready-queues.ts';
import { Claims } from './claims.ts';
import { BullmqControl } from './control.ts';
import { BullmqJobs } from './jobs.ts';
import { Look } from './look.ts';
import { BullmqLookup } from './lookup.ts';
import { Markers } from './markers.ts';
import type { NamedQueue } from './queues.ts';
import { Rates } from './rates.ts';
import type { Redis } from './redis.ts';
import { BullmqRuns } from './runs.ts';
import { RedisSchedules } from './schedules.ts';
import { Storing } from './storing.ts';
import type { BullmqModule, BullmqQueue } from './types.ts';

/** What a store that is open consists of. */
export interface Parts {
  readonly redis: Redis;
  readonly jobs: BullmqJobs;
  readonly storing: Storing;
  readonly schedules: JobSchedules;
  readonly claims: Claims;
  /** Missing in a process that only stores jobs. */
  readonly markers: Markers | undefined;
  readonly ready: ReadyQueues;
  readonly rates: Rates;
  readonly errors: ErrorThrottle;
  readonly lookup: JobLookup;
  readonly control: JobControl;
  readonly runs: JobRuns;
}

/** What they are made of. */
export interface PartsOptions {
  readonly bullmq: BullmqModule;
  readonly prefix: string;
  readonly redis: Redis;
  /** The connection that waits for jobs. */
  readonly blocking: Redis | undefined;
  readonly queues: ReadonlyMap<string, NamedQueue>;
  /** The queue of any name. */
  readonly queueOf: (name: string) => BullmqQueue;
  /** @param longest - time in ms that one answer may take besides the usual */
  readonly connect: (longest: number) => Promise<Redis>;
  readonly disconnect: (connection: Redis) => void;
  readonly errors: ErrorThrottle;
  readonly onDied: (job: DiedJob) => void;
}

export function createParts(options: PartsOptions): Parts {
  const { prefix, redis, blocking, queues, queueOf, errors } = options;
  const jobs = new BullmqJobs(redis, prefix, [...queues.keys()]);
  const look = new Look(redis, queues);
  const ready = new ReadyQueues([...queues.keys()], {
    interval: pollInterval,
    look: async () => look.look(),
  });
  const names = [...queues].map(([name, { queue }]) => [queue.toKey('marker'), name] as const);
  const markers = blocking && new Markers(redis, blocking, new Map(names));
  const wake = async (name: string): Promise<void> => markers?.wake(name);
  const storing = new Storing({ ...options, wake });
  const specs = [...queues.values()].map(({ spec }) => spec);
  return {
    redis,
    jobs,
    storing,
    schedules: new RedisSchedules(redis, prefix, storing),
    claims: new Claims({ ...options, onMore: (name) => ready.notify(name) }),
    markers,
    ready,
    rates: new Rates(redis, prefix, specs, ready),
    errors,
    lookup: new BullmqLookup(jobs),
    control: new BullmqControl(jobs, { queueOf, wake }),
    runs: new BullmqRuns(jobs),
  };
}
