/* oxlint-disable jest/no-standalone-expect -- it does not know the `it` of testsAtOnce() */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import {
  defineJob,
  type DurableJobs,
  type JobBackend,
  openJobs,
  postgresBackend,
} from '@outlive/durable';
import { PostgresServer } from '@outlive/test-support/postgres-server';
import { backendOf } from '../support/backend-of.ts';
import { describePgBoss } from '../support/engines.ts';
import { Proxy } from '../support/proxy.ts';
import { keepAll } from '../support/keep-all.ts';
import { describeStores } from '../support/stores.ts';
import { testsAtOnce } from '../support/tests-at-once.ts';

// What would otherwise be said to nobody.

const spec = { name: 'dies', retries: 0, backoff: 0, leaseTime: 10_000, keep: keepAll };
const never = new AbortController().signal;

describeStores('jobs under a name that no process knows any more', (start) => {
  const it = testsAtOnce(start);

  it('are reported once they have waited for a minute, also for their time or after a death, and run under an alias', async (server) => {
    const reported: string[] = [];
    const names = ['dropped', 'delayed', 'died'];
    const jobs = names.map((name) => defineJob(name, (_: { n: number }) => {}));
    const open = (): JobBackend => backendOf(server.url);
    const producer = await openJobs({ jobs, backend: open(), work: false });
    for (const [index, job] of jobs.entries()) {
      for (const n of [1, 2]) {
        await producer.enqueue(job, { n }, { delay: names[index] === 'delayed' ? 60_000 : 0 });
      }
    }
    // By a process that is killed: nobody renews or settles it.
    const killed = open();
    await killed.open([{ ...spec, name: 'died' }], { work: true, onError() {} });
    for (let claimed = 0; claimed < 2;) claimed += (await killed.claim(['died'], 2, never)).length;
    await killed.close();
    await age(producer, server.url);
    const exceptionHandler = ({ exception }: { exception: unknown }): void =>
      void reported.push(String(exception));
    const other = defineJob('other', () => {});
    const openWorker = async (job: typeof other): Promise<DurableJobs> =>
      openJobs({ jobs: [job], backend: open(), exceptionHandler });
    const unaware = await openWorker(other);
    while (reported.length < names.length) await sleep(50);
    expect(reported.toSorted()).toEqual(
      names
        .toSorted()
        .map((name) =>
          expect.stringContaining(
            `holds 2 waiting jobs named ${name}, which this process does not know`,
          ),
        ),
    );
    await unaware.close();
    const ran: number[] = [];
    const renamed = defineJob('renamed', ({ n }: { n: number }) => void ran.push(n), {
      aliases: names,
    });
    const aware = await openWorker(renamed as never);
    // Those that died as soon as that is found.
    while (ran.length < 4) await sleep(50);
    expect(reported).toHaveLength(names.length);
    await Promise.all([producer.close(), aware.close()]);
  });
});

/** Lets all jobs have been there for two minutes. */
async function age({ native }: DurableJobs, url: string): Promise<void> {
  const { redis } = native as {
    redis?: {
      keys(pattern: string): Promise<string[]>;
      hset(key: string, field: string, value: number): Promise<unknown>;
      type(key: string): Promise<string>;
      del(key: string): Promise<unknown>;
      zrange(key: string, from: number, to: number): Promise<string[]>;
      zadd(key: string, score: number, member: string): Promise<unknown>;
    };
  };
  const then = Date.now() - 120_000;
  if (redis !== undefined) {
    for (const key of await redis.keys('outlive:*:*-*')) {
      if (key.endsWith(':lock')) await redis.del(key);
      else if ((await redis.type(key)) === 'hash') {
        for (const field of ['timestamp', 'processedOn']) await redis.hset(key, field, then);
      }
    }
    for (const id of await redis.zrange('outlive:delayed:delayed', 0, -1)) {
      await redis.zadd('outlive:delayed:delayed', then * 0x1000, id);
    }
    return;
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`update outlive.job set start_after = now() - interval '2 minutes',
    started_on = now() - interval '2 minutes', heartbeat_on = now() - interval '2 minutes'`);
  await client.end();
}

describePgBoss('PostgreSQL', () => {
  const it = testsAtOnce(async () => PostgresServer.start());

  it('reports, once for all processes, a job that died with its process in its last run', async (server) => {
    const reported: unknown[] = [];
    const backends = [1, 2].map(() => postgresBackend({ connectionString: server.url }));
    for (const backend of backends) {
      await backend.open([spec], { work: true, onError: (error) => reported.push(error) });
    }
    const id = await backends[0]?.enqueue({ name: 'dies', payload: {} });
    // By a process that is killed: nobody renews or settles it.
    expect(await backends[0]?.claim(['dies'], 1, never)).toHaveLength(1);
    const givenUpAt = performance.now() + 100_000;
    while (reported.length === 0 && performance.now() < givenUpAt) await sleep(100);
    await sleep(6_000); // longer than between two looks
    expect(reported.map(String)).toEqual([
      `JobFailedError: Job dies ${id} failed for good: its process died in its last run`,
    ]);
    await Promise.all(backends.map(async (backend) => backend.close()));
  });

  it('reports that no notifications arrive, as behind a pooler in transaction mode, and works on', async (server) => {
    await using proxy = await Proxy.start(server.port);
    proxy.fromServer = withoutNotifications;
    const reported: string[] = [];
    const ran = jest.fn();
    const job = defineJob('pooled', ran);
    await using jobs = await openJobs({
      jobs: [job],
      store: server.url.replace(String(server.port), String(proxy.port)),
      exceptionHandler: ({ exception }) => void reported.push(String(exception)),
    });
    while (reported.length === 0) await sleep(50);
    expect(reported).toEqual([
      expect.stringMatching(/sends no notifications.*pooler in transaction mode, give a direct/),
    ]);
    await jobs.enqueue(job, {});
    while (ran.mock.calls.length === 0) await sleep(50);
  });

  it('reports nothing of it where notifications arrive', async (server) => {
    const reported: string[] = [];
    await using jobs = await openJobs({
      jobs: [],
      store: server.url,
      exceptionHandler: ({ exception }) => void reported.push(String(exception)),
    });
    await sleep(4_000);
    expect([jobs.closed, reported]).toEqual([false, []]);
  });

  it('reports nothing of it where notifications arrive in a process that is busy as it starts', async (server) => {
    const reported: string[] = [];
    await using jobs = await openJobs({
      jobs: [],
      store: server.url,
      exceptionHandler: ({ exception }) => void reported.push(String(exception)),
    });
    const busyUntil = performance.now() + 3_500;
    while (performance.now() < busyUntil);
    await sleep(500);
    expect([jobs.closed, reported]).toEqual([false, []]);
  });
});

/** A chunk of the protocol of PostgreSQL without its notifications: `A`, a length, the rest. They come in chunks of their own. */
function withoutNotifications(chunk: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at + 5 <= chunk.length;) {
    const end = at + 1 + chunk.readInt32BE(at + 1);
    if (end > chunk.length || end <= at) return chunk;
    if (chunk[at] !== 'A'.charCodeAt(0)) kept.push(chunk.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}
