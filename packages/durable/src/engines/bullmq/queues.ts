import type { JobSpec } from '../../backend.ts';
import { thisProcess } from '../this-process.ts';
import type { Redis } from './redis.ts';
import { attemptsField } from './scripts.ts';
import type { BackendFactory, BullmqModule, BullmqQueue, BullmqWorker } from './types.ts';

/** Time in ms between two looks for locks that ran out: two looks find one, and another process may skip one. */
export const stalledInterval = 2_500;

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
  bullmq: BullmqModule,
  spec: JobSpec,
  settings: QueueSettings,
): NamedQueue {
  const queue = openQueue(bullmq, spec.name, settings);
  if (!settings.work) return { spec, queue, worker: undefined };
  const { Worker, createRedisBackend } = bullmq;
  // By default every worker has a second connection to block on.
  const withoutBlocking: BackendFactory = (name, options) => createRedisBackend(name, options);
  const worker: BullmqWorker = new Worker(
    spec.name,
    null,
    {
      ...shared(settings),
      // Who has a job.
      name: thisProcess,
      lockDuration: spec.leaseTime,
      stalledInterval,
      // BullMQ must not fail a job for it by itself: the death of a process is an attempt of the job.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    },
    withoutBlocking,
  );
  worker.on('error', settings.onError);
  return { spec, queue, worker };
}

/** The queue of a name without a definition, too. */
export function openQueue(
  { Queue }: BullmqModule,
  name: string,
  settings: QueueSettings,
): BullmqQueue {
  const queue: BullmqQueue = new Queue(name, shared(settings));
  queue.on('error', settings.onError);
  return queue;
}

function shared({ redis, prefix }: QueueSettings): {
  readonly connection: Redis;
  readonly prefix: string;
  readonly skipVersionCheck: true;
} {
  return { connection: redis, prefix, skipVersionCheck: true };
}

/** Resolves when BullMQ is ready, and the queue is known as its definition is now. */
export async function startQueue({ spec, queue, worker }: NamedQueue, redis: Redis): Promise<void> {
  await queue.waitUntilReady();
  await worker?.waitUntilReady();
  await redis.hset(queue.toKey('meta'), attemptsField, spec.retries + 1);
}

export async function closeQueue({ queue, worker }: NamedQueue): Promise<void> {
  await worker?.close(true);
  await queue.close();
}
