import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { defineJob, openJobs } from '@outlive/durable';
import { describeRedis } from '@outlive/test-support/redis-server';
import { RedisSentinels } from '@outlive/test-support/redis-sentinels';

describeRedis('Redis behind three sentinels', () => {
  let redis: RedisSentinels;

  beforeAll(async () => {
    redis = await RedisSentinels.start();
  }, 120_000);

  afterAll(async () => redis.stop());

  it('loses none of the jobs that it stored and replicated while its master is killed', async () => {
    const ran = new Set<number>();
    const task = defineJob('task', ({ n }: { n: number }) => void ran.add(n), {
      backoff: 100,
      leaseTime: 10_000,
    });
    await using jobs = await openJobs({
      jobs: [task],
      redis: {
        sentinels: redis.ports.map((port) => ({ host: '127.0.0.1', port })),
        name: 'mymaster',
      },
      limit: 20,
      exceptionHandler: () => {},
    });
    const until = performance.now() + 100_000;
    let refused = 0;
    let stored = 0;
    while (stored < 400 && performance.now() < until) {
      if (stored === 200 && refused === 0) {
        // What a master has acknowledged it may not have replicated yet: Redis itself loses that.
        const master = new Redis(redis.master.url);
        await master.wait(1, 5_000);
        master.disconnect();
        await redis.master.kill();
      }
      try {
        await jobs.enqueue(task, { n: stored });
        stored += 1;
      } catch {
        refused += 1;
        await sleep(50);
      }
    }
    expect([stored, refused > 0]).toEqual([400, true]);
    while (ran.size < 400 && performance.now() < until) await sleep(50);
    expect(ran.size).toBe(400);
  }, 120_000);
});
