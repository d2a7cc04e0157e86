import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { defineJob, openJobs } from '@outlive/durable';
import { PostgresServer } from '@outlive/test-support/postgres-server';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { describePgBoss } from '../support/engines.ts';

/** Time in ms to look at. */
const span = 10_000;
/** Time in ms after which nothing of the opening is left to do. */
const settling = 12_000;

/** So many names have nothing to do. */
const names = 60;

/** What a process asks of a store in a second while names have nothing to do, but for some with a job that waits for its time, or are paused. */
async function rateOf(
  store: string,
  count: () => Promise<number>,
  delayed: number,
  paused: number,
): Promise<number> {
  const jobs = Array.from({ length: names }, (_, n) => {
    const keep = { completed: { count: 10 }, failed: { count: 10 } };
    return defineJob(`idle-${n}`, () => {}, { schedule: '@yearly', ...(n < 10 && { keep }) });
  });
  await using opened = await openJobs({ jobs, store });
  // Each has done something before.
  for (const job of jobs) await opened.enqueue(job, {});
  for (const job of jobs.slice(0, delayed)) await opened.enqueue(job, {}, { delay: 3_600_000 });
  for (const job of jobs.slice(-paused)) {
    await opened.pause(job.name);
    await opened.enqueue(job, {});
  }
  await sleep(settling);
  const [before, begun] = [await count(), performance.now()];
  await sleep(span);
  const [after, passed] = [await count(), performance.now() - begun];
  await opened.close();
  return (after - before) / (passed / 1_000);
}

describeRedis('an idle process with many names: Redis', () => {
  it('asks for at most ten commands a second where each holds a job for later and some are paused, those inside of scripts included', async () => {
    const server = await RedisServer.start();
    const redis = new Redis(server.url);
    const count = async (): Promise<number> =>
      Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
    const rate = await rateOf(server.url, count, names, 10);
    redis.disconnect();
    await server.stop();
    expect(rate).toBeLessThanOrEqual(10);
    expect(rate).toBeGreaterThan(0);
  }, 120_000);
});

describePgBoss('an idle process with many names: PostgreSQL', () => {
  it('asks for at most three transactions a second', async () => {
    const server = await PostgresServer.start();
    // The statistics of the server come too late. No statement here is without a transaction of its own.
    const query = jest.spyOn(Client.prototype, 'query');
    const rate = await rateOf(server.url, async () => query.mock.calls.length, 1, 1);
    query.mockRestore();
    await server.stop();
    expect(rate).toBeLessThanOrEqual(3);
    expect(rate).toBeGreaterThan(0);
  }, 120_000);
});
