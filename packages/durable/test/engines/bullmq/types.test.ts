import type * as Engine from 'bullmq';
import type { Redis as EngineRedis } from 'ioredis';
import {
  type BullmqJob,
  type BullmqQueue,
  type BullmqWorker,
  loadBullmq,
} from '../../../src/engines/bullmq/types.ts';
import { loadRedis, type Redis } from '../../../src/engines/bullmq/redis.ts';

type Used = BullmqQueue | BullmqWorker | BullmqJob | Redis;

/** Compiles if everything that is used is there. */
const use: {
  queue: (queue: Engine.Queue) => BullmqQueue;
  worker: (worker: Engine.Worker) => BullmqWorker;
  job: (job: Engine.Job) => BullmqJob;
  redis: (redis: EngineRedis) => Redis;
} = {
  queue: same,
  worker: same,
  job: same,
  redis: same,
};

function same<T extends Used>(used: T): T {
  return used;
}

describe('the part of BullMQ and ioredis that is used', () => {
  it('is there in the versions that are installed', async () => {
    expect(Object.keys(use)).toHaveLength(4);
    const { Queue, Worker, createRedisBackend } = await loadBullmq();
    const { Redis } = await loadRedis();
    const used = [Queue, Worker, createRedisBackend, Redis];
    expect(used.map((each) => typeof each)).toEqual(used.map(() => 'function'));
    expect(require('bullmq/package.json')).toMatchObject({ version: '6.7.0' });
    expect(require('ioredis/package.json')).toMatchObject({ version: '6.0.0' });
  });
});
