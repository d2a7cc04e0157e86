import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { bullmqBackend, defineJob, type DurableJobs, openJobs } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';

describeRedis('the end of a job on Redis', () => {
  let server: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  /** Scripts that were called so far. */
  async function scripts(): Promise<number> {
    const calls = (await redis.info('commandstats')).matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g);
    return [...calls].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  it('brings the next job along: one script for each job of a backlog', async () => {
    const ran: number[] = [];
    const job = defineJob('job', (n: number) => void ran.push(n));
    const backend = bullmqBackend({ connection: server.url, prefix: 'chain' });
    await using jobs = await openJobs({ jobs: [job], backend, limit: 5 });
    jobs.pause();
    const numbers = numbersUpTo(200);
    await jobs.enqueueMany(job, numbers);
    const before = await scripts();
    jobs.resume();
    await until(() => ran.length === numbers.length);
    await jobs.idle();
    expect((await scripts()) - before).toBeLessThan(numbers.length * 1.2);
    expect(ran.toSorted((a, b) => a - b)).toEqual(numbers);
  });

  it('leaves jobs of another name their turn', async () => {
    const order: string[] = [];
    const busy = defineJob('busy', async () => {
      order.push('busy');
      await sleep(20);
    });
    const other = defineJob('other', () => void order.push('other'));
    const backend = bullmqBackend({ connection: server.url, prefix: 'turns' });
    await using jobs = await openJobs({ jobs: [busy, other], backend, limit: 1 });
    await jobs.enqueueMany(busy, numbersUpTo(200));
    await until(() => order.length > 1);
    await jobs.enqueueMany(other, numbersUpTo(3));
    await until(() => order.filter((name) => name === 'other').length === 3);
    // Found within a second, then by turns.
    expect(order.length).toBeLessThan(100);
  });

  it('takes no next job of a name that was stopped meanwhile', async () => {
    let ran = 0;
    const job = defineJob('job', async () => {
      ran += 1;
      if (ran === 3) await jobs.pause('job');
    });
    const backend = bullmqBackend({ connection: server.url, prefix: 'stopped' });
    await using jobs = await openJobs({ jobs: [job], backend, limit: 1 });
    await jobs.enqueueMany(job, numbersUpTo(10));
    await until(() => ran === 3);
    await jobs.idle();
    expect(await jobs.depth()).toMatchObject({ job: { ready: 7, active: 0, failed: 0 } });
    await jobs.resume('job');
    await allEnded(jobs, 'job');
    expect(ran).toBe(10);
  });

  it('is known, and the job that it brings along fails alone, where that one is no JSON', async () => {
    const ran: unknown[] = [];
    const reported: string[] = [];
    const job = defineJob('job', (payload: unknown) => void ran.push(payload));
    const backend = bullmqBackend({ connection: server.url, prefix: 'broken' });
    await using jobs = await openJobs({
      jobs: [job],
      backend,
      limit: 1,
      exceptionHandler: ({ exception }) => void reported.push(String(exception)),
    });
    jobs.pause();
    const ids = await jobs.enqueueMany(job, [1, 2, 3]);
    await redis.hset(`broken:job:${ids[1]}`, 'data', '{');
    jobs.resume();
    await allEnded(jobs, 'job');
    expect(ran).toEqual([1, 3]);
    expect(await jobs.depth()).toEqual({ job: { ready: 0, active: 0, failed: 1 } });
    expect((await jobs.get(String(ids[0])))?.state).toBe('completed');
    expect(reported.join('\n')).toContain(String(ids[1]));
  });
});

async function allEnded(jobs: DurableJobs, name: string): Promise<void> {
  const isBusy = async (): Promise<boolean> => {
    const { ready = 0, active = 0 } = (await jobs.depth())[name] ?? {};
    return ready + active > 0;
  };
  while (await isBusy()) await new Promise(setImmediate);
}

function numbersUpTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}
