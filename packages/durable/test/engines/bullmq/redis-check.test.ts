import { defineJob, openJobs } from '@outlive/durable';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { checkRedis, refuseReplica } from '../../../src/engines/bullmq/redis-check.ts';

describe('a Redis', () => {
  it.each(['5.0.14', '6.0.16'])('of version %s is refused', (version) => {
    expect(() => checkRedis(`# Server\r\nredis_version:${version}\r\n`)).toThrow(
      `BullMQ needs Redis 6.2 or newer, and this is Redis ${version}`,
    );
  });

  it.each(['6.2.0', '7.0.15', '10.1.0'])('of version %s will do', (version) => {
    expect(checkRedis(`redis_version:${version}\r\nmaxmemory_policy:noeviction`)).toEqual([]);
  });

  it('that may evict keys gets a warning', () => {
    expect(checkRedis('redis_version:7.0.0\nmaxmemory_policy:allkeys-lru\n')).toEqual([
      'loses jobs when its memory is full: its maxmemory-policy is allkeys-lru, and has to be noeviction',
    ]);
  });

  it('without an append-only file gets a warning', () => {
    expect(checkRedis('redis_version:7.0.0\r\naof_enabled:0\r\n')).toEqual([
      'loses jobs when it is killed or its machine fails: its appendonly is no, and has to be yes',
    ]);
    expect(checkRedis('redis_version:7.0.0\r\naof_enabled:1\r\n')).toEqual([]);
  });
});

describe('a Valkey', () => {
  /** The beginning of what Valkey 8.0 answers: it says which Redis it is like. */
  const answer =
    '# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nvalkey_release_stage:ga\r\nserver_mode:standalone\r\n';

  it('is a Redis', () => {
    expect(checkRedis(`${answer}maxmemory_policy:noeviction\r\naof_enabled:1\r\n`)).toEqual([]);
    expect(checkRedis(`${answer}maxmemory_policy:allkeys-lru\r\naof_enabled:0\r\n`)).toHaveLength(
      2,
    );
  });

  it('may say its own version alone', () => {
    expect(checkRedis('server_name:valkey\r\nvalkey_version:10.0.0\r\naof_enabled:1\r\n')).toEqual(
      [],
    );
  });
});

describeRedis('a replica', () => {
  let [master, replica]: [RedisServer?, RedisServer?] = [];

  afterAll(async () => {
    await Promise.all([master?.stop(), replica?.stop()]);
  });

  it('is refused by name, but to a process that looks at jobs alone', async () => {
    master = await RedisServer.start();
    replica = await RedisServer.start('--replicaof', `127.0.0.1 ${master.port}`);
    const store = replica.url;
    await expect(openJobs({ jobs: [defineJob('job', () => {})], store })).rejects.toMatchObject({
      code: 'ERR_JOB_STORE',
      message: expect.stringContaining('it is a replica, which stores nothing'),
    });
    const jobs = await openJobs({ jobs: [], store, work: false });
    expect(await jobs.depth()).toEqual({});
    await jobs.close();
  });

  it.each(['role:master', 'role:slave\r\nslave_read_only:0', 'role:slave\r\ncluster_enabled:1'])(
    'that takes jobs will do: %j',
    (info) => {
      expect(() => refuseReplica(info)).not.toThrow();
    },
  );
});
