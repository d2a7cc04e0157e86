import { bullmqBackend, type JobBackend, type Lease } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { keepAll } from '../../support/keep-all.ts';

/** What these tests use of the connection of a store. */
interface Connection {
  eval(script: string, ...args: unknown[]): Promise<unknown>;
  keys(pattern: string): Promise<string[]>;
  zcard(key: string): Promise<number>;
}

const never = new AbortController().signal;
const hour = 60 * 60 * 1_000;

function redisOf(backend: JobBackend): Connection {
  return (backend.native as { redis: Connection }).redis;
}

async function claim(backend: JobBackend): Promise<Lease> {
  for (;;) {
    const [lease] = await backend.claim(['job'], 1, never);
    if (lease !== undefined) return lease;
  }
}

/** From now on this script is the end of the process: nothing more comes from it. */
function dieBefore(backend: JobBackend, part: string): () => boolean {
  let isDead = false;
  const redis = redisOf(backend);
  const send = redis.eval.bind(redis);
  redis.eval = async (script, ...args) => {
    isDead ||= script.includes(part);
    return isDead ? new Promise(() => {}) : send(script, ...args);
  };
  return () => isDead;
}

describeRedis('a process that is killed between two commands to Redis', () => {
  let server: RedisServer;
  const opened: JobBackend[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (backend) => backend.close()));
  });

  afterAll(async () => server.stop());

  async function open(prefix: string, keep = keepAll): Promise<JobBackend> {
    const backend = bullmqBackend({ connection: server.url, prefix });
    const spec = { name: 'job', retries: 3, backoff: 0, leaseTime: 10_000, keep };
    await backend.open([spec], { work: true, onError: () => {} });
    opened.push(backend);
    return backend;
  }

  /** A job that was cancelled while it ran, and whose process died before it could say so. */
  async function cancelledAndKilled(prefix: string): Promise<string> {
    const dying = await open(prefix);
    const id = String(await dying.enqueue({ name: 'job', payload: {} }));
    const lease = await claim(dying);
    expect(await dying.control.cancel(id)).toBe(true);
    const isDead = dieBefore(dying, 'toCancelled(base');
    void dying.settle(lease, { kind: 'cancel', error: new Error('no more') });
    await until(isDead);
    // This is what it leaves: for BullMQ the job has failed.
    expect(await redisOf(dying).zcard(`${prefix}:job:failed`)).toBe(1);
    return id;
  }

  it.each<[string, (backend: JobBackend, id: string) => Promise<unknown>, unknown]>([
    ['get', async ({ lookup }, id) => (await lookup.get(id))?.state, 'cancelled'],
    ['depth', async (backend) => (await backend.lookup.depth())['job']?.failed, 0],
    ['list', async (backend) => states(backend, 'cancelled'), 1],
    ['a list of others', async (backend) => states(backend, 'failed'), 0],
    ['retryAll', async ({ control }) => control.retryAll({ name: 'job' }), 0],
    ['retry', async ({ control }, id) => control.retry(id), true],
    ['discard', async ({ control }, id) => control.discard(id), true],
  ])('leaves a cancelled job cancelled: %s()', async (call, ask, answer) => {
    const prefix = `cancel-${call.replaceAll(' ', '-')}`;
    const id = await cancelledAndKilled(prefix);
    const other = await open(prefix);
    expect(await ask(other, id)).toBe(answer);
    if (call === 'discard') return;
    const after = await other.lookup.get(id);
    expect(after?.state).toBe(call === 'retry' ? 'waiting' : 'cancelled');
    expect(after?.error?.message).toBe(call === 'retry' ? undefined : 'no more');
  });

  it('leaves a job cancelled that failed for the last time at the moment of its cancellation', async () => {
    const backend = await open('moment');
    const id = String(await backend.enqueue({ name: 'job', payload: {} }));
    const lease = await claim(backend);
    // Between the question whether it is cancelled and the end of it.
    const redis = redisOf(backend) as unknown as { hexists: () => Promise<number> };
    const { hexists } = redis;
    redis.hexists = async (...args: []) => {
      const answer = await hexists.apply(redis, args);
      await backend.control.cancel(id);
      return answer;
    };
    await backend.settle(lease, { kind: 'fail', error: new Error('late'), final: true });
    redis.hexists = hexists;
    expect((await backend.lookup.get(id))?.state).toBe('cancelled');
    expect(await backend.lookup.depth()).toEqual({ job: { ready: 0, active: 0, failed: 0 } });
  });

  it.each([
    ['kept', keepAll],
    ['deleted at its end', { ...keepAll, completed: { age: 0, count: 0 } }],
  ])(
    'stores the job of a schedule once: nothing runs for hours, and the job is %s',
    async (how, keep) => {
      const prefix = `schedule-${how.replaceAll(' ', '-')}`;
      const dying = await open(prefix, keep);
      const job = { name: 'job', payload: {} };
      await dying.schedules?.replace(['job'], [{ name: 'job', id: 'nightly' }], 1_000);
      const isDead = dieBefore(dying, 'PEXPIRE');
      void dying.schedules?.enqueue(job, 'nightly', 2_000);
      await until(isDead);
      const next = await open(prefix, keep);
      const lease = await claim(next);
      await next.settle(lease, { kind: 'done' });
      // Hours pass: keys come nearer to their ends, or to have expired.
      const redis = redisOf(next);
      const passes = `for _, key in ipairs(KEYS) do
      local left = redis.call('PTTL', key)
      if left > 0 then redis.call('PEXPIRE', key, math.max(0, left - ARGV[1])) end
    end`;
      const pass = async (): Promise<void> => {
        const keys = await redis.keys(`${prefix}:*`);
        await redis.eval(passes, keys.length, ...keys, 5 * hour);
      };
      await pass();
      const refs = [{ name: 'job', id: 'nightly' }];
      expect(await next.schedules?.replace(['job'], refs, 9_000)).toEqual([1_000]);
      expect(await next.schedules?.enqueue(job, 'nightly', 2_000)).toBeNull();
      // Now it is noted, and nothing is left of the time but that.
      expect(await next.schedules?.replace(['job'], refs, 9_000)).toEqual([2_000]);
      await pass();
      expect((await redis.keys(`${prefix}:job:de:*`)).length).toBe(0);
      expect(await next.schedules?.enqueue(job, 'nightly', 2_000)).toBeNull();
      expect(await next.lookup.depth()).toEqual({ job: { ready: 0, active: 0, failed: 0 } });
    },
  );
});

async function states({ lookup }: JobBackend, state: 'cancelled' | 'failed'): Promise<number> {
  return (await lookup.list({ limit: 10, state })).jobs.length;
}
