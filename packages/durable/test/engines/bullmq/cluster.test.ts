import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { type DurableJobs, bullmqBackend, defineJob, openJobs } from '@outlive/durable';
import { RedisCluster } from '@outlive/test-support/redis-cluster';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { conforms } from '../../support/conforms.ts';
import { allOver } from '../../support/tests-at-once.ts';

describeRedis('a Redis Cluster of six processes', () => {
  let cluster: RedisCluster;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
  }, 120_000);

  afterAll(async () => {
    await allOver();
    await cluster.stop();
  }, 240_000);

  describe('conforms', () => {
    conforms(1, () => bullmqBackend({ connection: { cluster: cluster.urls } }));
  });

  it('loses none of the jobs that it stored while a master is killed and its replica takes over', async () => {
    const ran = new Set<number>();
    const task = defineJob('task', ({ n }: { n: number }) => void ran.add(n), {
      backoff: 100,
      leaseTime: 10_000,
    });
    const client = new Cluster(cluster.urls);
    client.on('error', () => {}); // a node is killed under it
    const jobs: DurableJobs = await openJobs({
      jobs: [task],
      redis: client,
      prefix: 'shop',
      limit: 20,
      exceptionHandler: () => {},
    });
    const stored = new Set<number>();
    let refused = 0;
    const owner = await masterOf(client, '{shop}:x');
    const until = performance.now() + 100_000;
    for (let n = 0; n < 600 && performance.now() < until; n += 1) {
      if (n === 200 && refused === 0) {
        // What a master has acknowledged it may not have replicated yet: Redis itself loses that.
        const master = new Redis(owner);
        await master.wait(1, 5_000);
        await cluster.nodes.find(({ port }) => port === owner)?.kill();
        master.disconnect();
      }
      try {
        await jobs.enqueue(task, { n });
        stored.add(n);
      } catch {
        refused += 1;
        await sleep(50);
        n -= 1;
      }
    }
    expect([stored.size, refused > 0]).toEqual([600, true]);
    while (ran.size < 600 && performance.now() < until) await sleep(50);
    expect(ran.size).toBe(600);
    await jobs.close();
    client.disconnect();
    await cluster.nodes.find(({ port }) => port === owner)?.restart('--cluster-enabled', 'yes');
  }, 120_000);

  it('is refused where one of its nodes is given as a Redis that stands alone, with the option that is meant', async () => {
    const job = defineJob('job', () => {});
    const [{ port } = { port: 0 }] = cluster.nodes;
    const url = `redis://127.0.0.1:${port}`;
    const client = new Redis(url);
    for (const place of [
      { store: url },
      { store: `${url}/1` },
      { redis: { port } },
      { redis: client },
    ]) {
      await expect(openJobs({ jobs: [job], ...place })).rejects.toMatchObject({
        name: 'JobStoreError',
        message: expect.stringMatching(
          /:\d+(\/\d)? cannot be opened: it is a node of a Redis Cluster: give `redis: \{ cluster: \['redis:\/\/\S+:\d+'\] \}`/,
        ),
      });
    }
    client.disconnect();
  });

  it('is known by the URL of one node, whose password is that of all', async () => {
    for (const { port } of cluster.nodes) {
      const node = new Redis(port);
      await node.config('SET', 'masterauth', 'p@ss/x');
      await node.config('SET', 'requirepass', 'p@ss/x');
      node.disconnect();
    }
    const job = defineJob('secret', () => 'done');
    const [{ port } = { port: 0 }] = cluster.nodes;
    const url = `valkey://default:p%40ss%2Fx@localhost:${port}`;
    await using jobs = await openJobs({ jobs: [job], redis: { cluster: [url] } });
    const id = String(await jobs.enqueue(job, {}));
    expect(await jobs.wait(id)).toBe('done');
  });
});

describeRedis('a Redis that is no cluster', () => {
  it('is refused where it is given as one, with the option that is meant', async () => {
    const server = await RedisServer.start();
    const job = defineJob('job', () => {});
    const client = new Cluster([server.url], { lazyConnect: true });
    for (const redis of [{ cluster: [server.url] }, client]) {
      await expect(openJobs({ jobs: [job], redis })).rejects.toMatchObject({
        name: 'JobStoreError',
        message: expect.stringMatching(
          /^the Redis Cluster.* cannot be opened: it is no cluster, but a Redis by itself: give `store: 'redis:\/\/host:port'`/,
        ),
      });
    }
    client.disconnect();
    await server.stop();
  });
});

/** The port of the node that has this key. */
async function masterOf(client: Cluster, key: string): Promise<number> {
  const slot = await client.cluster('KEYSLOT', key);
  const ranges = await client.cluster('SLOTS');
  const range = ranges.find(([first, last]) => first <= slot && slot <= last);
  return range?.[2]?.[1] ?? 0;
}
