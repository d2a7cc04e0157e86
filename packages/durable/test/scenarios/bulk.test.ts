import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import {
  defineJob,
  type DurableJobs,
  type JobBackend,
  openJobs,
  pgliteBackend,
} from '@outlive/durable';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { backendOf } from '../support/backend-of.ts';
import { describePgBoss } from '../support/engines.ts';
import { describeStores } from '../support/stores.ts';

/** With `npm run test:endurance` as many as are allowed. */
const count = process.env['OUTLIVE_ENDURANCE'] === undefined ? 5_000 : 100_000;
/** Bytes that one job may take while it is being stored: payload, options and commands in several forms. */
const most = 8_000;
/** Bytes that are taken whatever the number: what the collector leaves for later. */
const base = 200_000_000;

const job = defineJob('job', (_: { n: number; text: string }) => {});
const text = 'x'.repeat(100);
const payloads = (length: number) => Array.from({ length }, (_, n) => ({ n, text }));

async function open(backend: JobBackend): Promise<DurableJobs> {
  return openJobs({ jobs: [job], backend, work: false, exceptionHandler: () => {} });
}

/** Stores them, and looks at what that takes. */
async function storesAll(jobs: DurableJobs): Promise<void> {
  const given = payloads(count);
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const ids = (await jobs.enqueueMany(job, given)).map(String);
  clearInterval(timer);
  expect(new Set(ids).size).toBe(count);
  // Ids sort by their time and number.
  expect(ids.every((id, n) => n === 0 || id > (ids[n - 1] ?? ''))).toBe(true);
  expect(await jobs.depth()).toMatchObject({ job: { ready: count, active: 0, failed: 0 } });
  const spots = [0, 1, count >> 1, count - 1];
  const found = await Promise.all(spots.map(async (n) => jobs.get(ids[n] ?? '')));
  expect(found.map((each) => each?.payload)).toEqual(spots.map((n) => given[n]));
  expect(peak - before).toBeLessThan(base + count * most);
}

describeStores(`${count} jobs with one call`, (start) => {
  it('are all stored, in order, with an amount of memory for each that does not grow', async () => {
    const server = await start();
    const jobs = await open(backendOf(server.url));
    await storesAll(jobs);
    await jobs.close();
    await server.stop();
  }, 240_000);
});

describePgBoss(`${count} jobs with one call`, () => {
  it('are all stored in PGlite, in order', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'outlive-bulk-'));
    const jobs = await open(pgliteBackend({ directory }));
    await storesAll(jobs);
    await jobs.close();
    await rm(directory, { recursive: true });
  }, 240_000);
});

describeRedis('many jobs with one call, on a Redis that fails in their midst', () => {
  const many = 10_000;
  let server: RedisServer;

  beforeEach(async () => {
    server = await RedisServer.start();
  });

  afterEach(async () => server.stop());

  async function stored(): Promise<number | undefined> {
    await using jobs = await open(backendOf(server.url));
    return (await jobs.depth())['job']?.ready;
  }

  it.each([50, 150, 300, 500])(
    'are stored all or none where it is killed after %i ms',
    async (time) => {
      const jobs = await open(backendOf(server.url));
      const storing = jobs.enqueueMany(job, payloads(many)).then(
        () => [many],
        () => [0, many], // its answer may be lost
      );
      await sleep(time);
      await server.kill();
      const allowed = await storing;
      await jobs.close();
      await server.restart();
      expect(allowed).toContain(await stored());
    },
    120_000,
  );

  it('are not stored where its memory ends', async () => {
    const jobs = await open(backendOf(server.url));
    const redis = new Redis(server.url);
    const [, used] = /used_memory:(\d+)/.exec(await redis.info('memory')) ?? [];
    await redis.config('SET', 'maxmemory', Number(used) + 4_000_000);
    await expect(jobs.enqueueMany(job, payloads(many))).rejects.toMatchObject({
      code: 'ERR_JOB_NOT_STORED',
    });
    await redis.config('SET', 'maxmemory', 0);
    redis.disconnect();
    await jobs.close();
    expect(await stored()).toBe(0);
  }, 120_000);
});
