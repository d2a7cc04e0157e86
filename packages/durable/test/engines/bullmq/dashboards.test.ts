import { UnrecoverableError, Worker } from 'bullmq';
import { bullmqBackend, type JobBackend, type Lease } from '@outlive/durable';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { keepAll } from '../../support/keep-all.ts';

/** What the buttons of a dashboard call. */
interface Queue {
  getJob(id: string): Promise<{ retry(state?: 'failed' | 'completed'): Promise<void> }>;
  retryJobs(options: { state: 'failed' | 'completed' }): Promise<void>;
  toKey(part: string): string;
}
interface Native {
  readonly queues: Map<string, Queue>;
  readonly redis: {
    hset(key: string, ...values: (string | number)[]): Promise<number>;
    del(...keys: string[]): Promise<number>;
    keys(pattern: string): Promise<string[]>;
  };
}

const never = new AbortController().signal;
const error = new Error('No paper');

describeRedis('a job that somebody changes by BullMQ itself', () => {
  let server: RedisServer;
  let backend: JobBackend;
  let queue: Queue;
  const reported: unknown[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
    backend = bullmqBackend({ connection: server.url });
    const spec = { name: 'job', retries: 1, backoff: 0, leaseTime: 10_000, keep: keepAll };
    await backend.open([spec], { work: true, onError: (each) => reported.push(each) });
    queue = (backend.native as Native).queues.get('job') as Queue;
  });

  afterAll(async () => {
    await backend.close();
    await server.stop();
  });

  async function claim(): Promise<Lease> {
    for (;;) {
      const [lease] = await backend.claim(['job'], 1, never);
      if (lease !== undefined) return lease;
    }
  }

  /** A job whose lock has run out as often. */
  async function stored(stalls: number): Promise<string> {
    const id = String(await backend.enqueue({ name: 'job', payload: {} }));
    const { redis } = backend.native as Native;
    if (stalls > 0) await redis.hset(queue.toKey(id), 'stc', stalls, 'ats', stalls);
    return id;
  }

  it.each([0, 1])('runs again when it was done, after %d deaths of its process', async (stalls) => {
    const id = await stored(stalls);
    for (let count = 0; count < 4; count += 1) {
      const lease = await claim();
      expect(lease).toMatchObject({ id, attempt: stalls + count + 1 });
      await backend.settle(lease, { kind: 'done' });
      expect((await backend.lookup.get(id))?.state).toBe('completed');
      await (await queue.getJob(id)).retry('completed');
    }
    expect(reported).toEqual([]);
    await backend.settle(await claim(), { kind: 'done' });
  });

  it('says how often it has run, however often it is retried', async () => {
    const id = await stored(0);
    await backend.settle(await claim(), { kind: 'fail', error });
    for (let attempt = 2; attempt < 5; attempt += 1) {
      await backend.settle(await claim(), { kind: 'fail', error });
      expect(await backend.lookup.get(id)).toMatchObject({ state: 'failed', attempt });
      await queue.retryJobs({ state: 'failed' });
    }
    await backend.settle(await claim(), { kind: 'done' });
  });

  it.each(['failed', 'completed'] as const)(
    'runs where it is retried after a death, and after a worker of others that it %s in',
    async (state) => {
      const id = await stored(1);
      const options = { connection: { port: server.port }, prefix: 'outlive' };
      const worker = new Worker('job', null, options);
      const job = await worker.getNextJob('token');
      if (state === 'completed') await job?.moveToCompleted('done', 'token', false);
      else await job?.moveToFailed(new UnrecoverableError('theirs'), 'token', false);
      await worker.close();
      await (await queue.getJob(id)).retry(state);
      const lease = await claim();
      expect(lease).toMatchObject({ id, attempt: 3 });
      // It is given a run, not a life: with the next death it is over.
      await backend.settle(lease, { kind: 'release' });
      await die(id, 2);
    },
  );

  it('is over where its process dies in a run that it was given by hand', async () => {
    const id = await stored(0);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await backend.settle(await claim(), { kind: 'fail', error });
    }
    await (await queue.getJob(id)).retry('failed');
    await backend.settle(await claim(), { kind: 'release' });
    await die(id, 1);
  });

  /** Lets the lock of a job that waits have run out as often in all: too often. */
  async function die(id: string, stalls: number): Promise<void> {
    expect(reported).toEqual([]);
    await (backend.native as Native).redis.hset(queue.toKey(id), 'stc', stalls);
    while (reported.length === 0) expect(await backend.claim(['job'], 1, never)).toEqual([]);
    expect(String(reported.splice(0)[0])).toContain(`Job job ${id} failed for good`);
    expect((await backend.lookup.get(id))?.state).toBe('failed');
  }

  it('leaves nothing behind where it is gone when its run ends', async () => {
    const id = await stored(0);
    const lease = await claim();
    const { redis } = backend.native as Native;
    await redis.del(queue.toKey(id), queue.toKey(`${id}:lock`));
    for (const kind of ['fail', 'cancel'] as const) {
      expect(await backend.settle(lease, { kind, error })).toBe(false);
    }
    expect(await redis.keys(`${queue.toKey(id)}*`)).toEqual([]);
  });
});
