import type { JobSpec } from '../../backend.ts';
import type { Redis } from './redis.ts';
import type { BackendFactory, BullmqModule, BullmqQueue, BullmqWorker } from './types.ts';

/** Time in ms between two looks for locks that ran out: two looks find one, and another process may skip one. */
const stalledInterval = 2_500;

/** The queue of one job name. */
export interface NamedQueue {
  readonly spec: JobSpec;
  readonly queue: BullmqQueue;
  /** Missing in a process that only stores jobs. */
  readonly worker: BullmqWorker | undefined;
}

/** What all queues of a store share. */
export interface QueueSettings {
  readonly redis: Redis;
  readonly prefix: string;
  readonly work: boolean;
  readonly onError: (error: unknown) => void;
}

export function createQueue(
  { Queue, Worker, createRedisBackend }: BullmqModule,
  spec: JobSpec,
  { redis, prefix, work, onError }: QueueSettings,
): NamedQueue {
  const shared = { connection: redis, prefix, skipVersionCheck: true };
  // By default every worker has a second connection to block on.
  const withoutBlocking: BackendFactory = (name, options) => createRedisBackend(name, options);
  const queue: BullmqQueue = new Queue(spec.name, shared);
  queue.on('error', onError);
  if (!work) return { spec, queue, worker: undefined };
  const worker: BullmqWorker = new Worker(
    spec.name,
    null,
    {
      ...shared,
      lockDuration: spec.leaseTime,
      stalledInterval,
      // BullMQ must not fail a job for it by itself: the death of a process is an attempt of the job.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    },
    withoutBlocking,
  );
  worker.on('error', onError);
  return { spec, queue, worker };
}

export async function startQueue({ queue, worker }: NamedQueue): Promise<void> {
  await queue.waitUntilReady();
  await worker?.waitUntilReady();
  await worker?.startStalledCheckTimer();
}

export async function closeQueue({ queue, worker }: NamedQueue): Promise<void> {
  await worker?.close(true);
  await queue.close();
}
