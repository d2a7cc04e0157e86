import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { defineJob, openJobs } from '@outlive/durable';
import { PostgresServer } from '@outlive/test-support/postgres-server';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { describePgBoss } from '../support/engines.ts';

/** Time in ms to look at. */
const span = 8_000;
/** Time in ms after which nothing of the opening is left to do. */
const settling = 5_000;

/** What a process asks of a store in a second while 20 names have nothing to do. */
async function rateOf(store: string, count: () => Promise<number>): Promise<number> {
  const jobs = Array.from({ length: 20 }, (_, n) => {
    return defineJob(`idle-${n}`, () => {}, { schedule: '@yearly' });
  });
  await using opened = await openJobs({ jobs, store });
  await sleep(settling);
  const before = await count();
  await sleep(span);
  const after = await count();
  await opened.close();
  return (after - before) / (span / 1_000);
}

describeRedis('an idle process with 20 names: Redis', () => {
  it('asks for at most ten commands a second, those inside of scripts included', async () => {
    const server = await RedisServer.start();
    const redis = new Redis(server.url);
    const rate = await rateOf(server.url, async () => {
      return Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
    });
    redis.disconnect();
    await server.stop();
    expect(rate).toBeLessThanOrEqual(10);
    expect(rate).toBeGreaterThan(0);
  });
});

describePgBoss('an idle process with 20 names: PostgreSQL', () => {
  it('asks for at most three transactions a second', async () => {
    const server = await PostgresServer.start();
    // The statistics of the server come too late. No statement here is without a transaction of its own.
    const query = jest.spyOn(Client.prototype, 'query');
    const rate = await rateOf(server.url, async () => query.mock.calls.length);
    query.mockRestore();
    await server.stop();
    expect(rate).toBeLessThanOrEqual(3);
    expect(rate).toBeGreaterThan(0);
  }, 60_000);
});
