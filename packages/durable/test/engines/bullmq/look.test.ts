import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { Look } from '../../../src/engines/bullmq/look.ts';
import type { NamedQueue } from '../../../src/engines/bullmq/queues.ts';
import { replaceWaiting } from '../../../src/engines/bullmq/replace.ts';

const hour = 3_600_000;
const replacement = { key: 'key', text: '{}', delay: 2 * hour, priority: 1 };

describeRedis('a look for jobs to come', () => {
  let server: RedisServer;
  let redis: Redis;
  let queues: Map<string, NamedQueue>;
  let look: Look;

  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis(server.url);
  });

  beforeEach(async () => {
    await redis.flushall();
    const named = ['a', 'b', 'c', 'd'].map((name) => {
      const queue = new Queue(name, { connection: redis, skipVersionCheck: true });
      return [name, { spec: { name }, queue } as unknown as NamedQueue] as const;
    });
    queues = new Map(named);
    look = new Look(redis, queues);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const queueOf = (name: string): Queue => queues.get(name)?.queue as unknown as Queue;

  /** The names that the next look finds, with the hours until their first jobs. */
  async function found(): Promise<Record<string, number>> {
    const due = await look.look();
    return Object.fromEntries(
      due.map(({ name, delay }) => [name, Math.max(0, Math.ceil(delay / hour))]),
    );
  }

  /** Looks until each of the queues has had its turn. */
  async function round(): Promise<Record<string, number>> {
    const all: Record<string, number> = {};
    for (let turn = 0; turn < queues.size; turn += 1) Object.assign(all, await found());
    return all;
  }

  it('finds what there was before, and again only what has changed, or has its turn', async () => {
    expect(await found()).toEqual({});
    await queueOf('a').add('a', {}, { delay: 2 * hour });
    await queueOf('b').add('b', {}, { priority: 3 });
    expect(await found()).toMatchObject({ a: 2, b: 0 });
    // Another process: it has seen nothing yet.
    expect(await new Look(redis, queues).look()).toHaveLength(2);
    expect(await round()).toEqual({ a: 2, b: 0 });
    const names = (await Promise.all([1, 2, 3, 4].map(found))).flatMap(Object.keys);
    expect(names.filter((name) => name === 'a')).toHaveLength(1);
    // A job that is ready, but was not taken, is found by every look.
    expect(names.filter((name) => name === 'b')).toHaveLength(4);
  });

  it.each<[string, (queue: Queue) => Promise<unknown>, number]>([
    ['stored for an earlier time', async (queue) => queue.add('d', {}, { delay: hour }), 1],
    ['stored to run now', async (queue) => queue.add('d', {}), 0],
    ['put off', async (queue) => (await queue.getJob('job-7'))?.changeDelay(4 * hour), 4],
    ['replaced', async (queue) => replaceWaiting(redis, queue, replacement), 2],
    ['promoted', async (queue) => (await queue.getJob('job-7'))?.promote(), 0],
  ])('finds at once a job that is %s, though its marker is gone', async (_, change, hours) => {
    const queue = queueOf('d');
    await queue.add('d', {}, { delay: 3 * hour, jobId: 'job-7', deduplication: { id: 'key' } });
    expect(await found()).toEqual({ d: 3 });
    await change(queue);
    // Another process, which has died since, took it.
    await redis.del(queue.toKey('marker'));
    expect(await found()).toEqual({ d: hours });
  });

  it('finds a job once it is due, until it is taken', async () => {
    await queueOf('d').add('d', {}, { delay: 50 });
    await found();
    await sleep(60);
    expect([await found(), await found()]).toEqual([{ d: 0 }, { d: 0 }]);
  });

  it('finds after a while what has happened where somebody has deleted the events', async () => {
    await queueOf('d').add('d', {}, { delay: 3 * hour });
    await round();
    await queueOf('d').add('d', {}, { delay: hour });
    await redis.del(queueOf('d').toKey('events'));
    expect(await round()).toEqual({ d: 1 });
  });
});
