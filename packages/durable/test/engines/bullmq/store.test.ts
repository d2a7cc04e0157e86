/* oxlint-disable jest/no-standalone-expect -- it does not know the `it` of testsAtOnce() */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bullmqBackend,
  defineJob,
  type JobBackend,
  type Lease,
  openJobs,
  UnsupportedError,
} from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { pollInterval } from '../../../src/engines/ready-queues.ts';
import { conforms } from '../../support/conforms.ts';
import { keepAll } from '../../support/keep-all.ts';
import { Proxy } from '../../support/proxy.ts';
import { allOver, nothing, testsAtOnce } from '../../support/tests-at-once.ts';

/** What a dashboard uses. */
interface RetryableQueue {
  getJob(id: string): Promise<{ retry(): Promise<void> } | undefined>;
}

const never = new AbortController().signal;

describeRedis('bullmqBackend()', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(async () => {
    await allOver();
    await server.stop();
  }, 240_000);

  // One by one: a process claims by one connection, which waits for all of its names.
  conforms(1, () => bullmqBackend({ connection: server.url }));

  async function opened(
    prefix: string,
    retries: number,
  ): Promise<{ backend: JobBackend; reported: unknown[] }> {
    const backend = bullmqBackend({ connection: server.url, prefix });
    const spec = { name: 'job', retries, backoff: 0, leaseTime: 10_000, keep: keepAll };
    const reported: unknown[] = [];
    await backend.open([spec], { work: true, onError: (error) => reported.push(error) });
    return { backend, reported };
  }

  const atOnce = testsAtOnce(nothing);

  atOnce(
    'counts a process that died as an attempt: with these spent, the job fails for good, its key is free',
    async () => {
      const { backend, reported } = await opened('dies', 1);
      const id = await backend.enqueue({ name: 'job', payload: {}, key: 'one' });
      const attempts: number[] = [];
      // Two claims that nobody renews or settles, as by processes that were killed.
      while (attempts.length < 2) {
        const leases = await backend.claim(['job'], 1, never);
        attempts.push(...leases.map(({ attempt }) => attempt));
      }
      expect(attempts).toEqual([1, 2]);
      while ((await backend.lookup.depth())['job']?.failed === 0) {
        expect(await backend.claim(['job'], 1, never)).toEqual([]);
      }
      expect(reported.map(String)).toEqual([
        `JobFailedError: Job job ${id} failed for good: its process died in its last run`,
      ]);
      expect(await backend.enqueue({ name: 'job', payload: {}, key: 'one' })).not.toBeNull();
      await backend.close();
    },
  );

  atOnce(
    'a name that has got its first job while all slots were taken has one of those that are free next',
    async () => {
      const backend = bullmqBackend({ connection: server.url, prefix: 'turns' });
      const names = ['slow', 'quick'];
      const common = { retries: 0, backoff: 0, leaseTime: 10_000, keep: keepAll };
      const specs = names.map((name) => ({ name, ...common }));
      await backend.open(specs, { work: true, onError: () => undefined });
      for (let n = 0; n < 8; n += 1) await backend.enqueue({ name: 'slow', payload: {} });
      const running: Lease[] = [];
      while (running.length < 2) {
        running.push(...(await backend.claim(names, 2 - running.length, never)));
      }
      await backend.enqueue({ name: 'quick', payload: {} });
      // Nobody waits for its marker. It is time to look at all names then.
      await sleep(pollInterval + 50);
      for (const lease of running) {
        expect(await backend.settleAndClaim?.(lease, { kind: 'done' })).toEqual({ wasGood: true });
      }
      const next = await backend.claim(names, 2, never);
      expect(next.map(({ name }) => name)).toContain('quick');
      await backend.close();
    },
  );

  atOnce(
    'runs a failed job again that BullMQ, or a dashboard, retries: also one whose process had died',
    async () => {
      const { backend, reported } = await opened('again', 1);
      const error = new Error('No paper');
      const { queues } = backend.native as { queues: Map<string, RetryableQueue> };
      const retry = async (id: string): Promise<void> =>
        (await queues.get('job')?.getJob(id))?.retry();
      const claimOne = async (): Promise<Lease> => {
        for (;;) {
          const [lease] = await backend.claim(['job'], 1, never);
          if (lease !== undefined) return lease;
        }
      };
      const failed = async (): Promise<number | undefined> =>
        (await backend.lookup.depth())['job']?.failed;
      const id = String(await backend.enqueue({ name: 'job', payload: {} }));
      // One attempt ends with its process, the next one fails.
      await claimOne();
      await backend.settle(await claimOne(), { kind: 'fail', error });
      expect(await failed()).toBe(1);
      await retry(id);
      expect(await claimOne()).toMatchObject({ id, attempt: 3, attempts: 3 });
      // The process of that one dies too: it had been the last.
      while ((await failed()) !== 1) expect(await backend.claim(['job'], 1, never)).toEqual([]);
      await retry(id);
      const last = await claimOne();
      expect(last.id).toBe(id);
      expect(await backend.settle(last, { kind: 'done' })).toBe(true);
      expect(reported.map(String)).toEqual([
        `JobFailedError: Job job ${id} failed for good: its process died in its last run`,
      ]);
      await backend.close();
    },
  );

  it('keeps failed jobs with their reason for a dashboard, by the queues of `native`', async () => {
    const { backend } = await opened('shows', 0);
    const { queues } = backend.native as {
      queues: Map<
        string,
        { getFailed(): Promise<{ failedReason: string; stacktrace: string[] }[]> }
      >;
    };
    await backend.enqueue({ name: 'job', payload: {} });
    const [lease] = await backend.claim(['job'], 1, never);
    if (lease === undefined) throw new Error('nothing was claimed');
    await backend.settle(lease, { kind: 'fail', error: new Error('No paper') });
    expect(await queues.get('job')?.getFailed()).toMatchObject([
      { failedReason: 'No paper', stacktrace: [expect.stringContaining('No paper')] },
    ]);
    await backend.close();
  });

  it('never takes a lost connection for a job that is not there', async () => {
    const { backend } = await opened('lost', 0);
    const id = String(await backend.enqueue({ name: 'job', payload: {} }));
    const { redis } = backend.native as {
      redis: { smembers: () => Promise<string[]>; disconnect: () => void };
    };
    // It is lost between the two questions for a job.
    const lost: JobBackend['lookup']['get'][] = [
      backend.lookup.get,
      backend.control.cancel as never,
    ];
    redis.smembers = async () => {
      redis.disconnect();
      return [];
    };
    for (const ask of lost) {
      const owner = ask === backend.lookup.get ? backend.lookup : backend.control;
      await expect(ask.call(owner, id)).rejects.toThrow(/[Cc]onnection is closed|writeable/);
    }
    await backend.close();
  });

  it('refuses a transaction, at the call', async () => {
    const job = defineJob('job', () => {});
    const backend = bullmqBackend({ connection: server.url });
    await using jobs = await openJobs({ jobs: [job], backend, work: false });
    const tx = { query: async () => ({ rows: [] }) };
    expect(() => jobs.enqueue(job, {}, { tx })).toThrow(TypeError);
    expect(() => jobs.enqueue(job, {}, { tx })).toThrow(
      /^redis:\S+ does not support tx \(a transaction of yours\): PGlite and PostgreSQL do$/,
    );
    expect(() => jobs.enqueueMany(job, [{}], { tx })).toThrow(UnsupportedError);
    expect(() => jobs.transaction(async () => {})).toThrow(UnsupportedError);
  });

  it('takes two connections for any number of jobs, one where it only stores them', async () => {
    const jobs = Array.from({ length: 10 }, (_, n) => defineJob(`job-${n}`, () => {}));
    const connections = async (): Promise<number> => {
      const { redis } = backend.native as { redis: { client(what: 'LIST'): Promise<string> } };
      const lines = (await redis.client('LIST')).trim().split('\n');
      return lines.length;
    };
    const backend = bullmqBackend({ connection: server.url });
    await using stores = await openJobs({ jobs, backend, work: false });
    const before = await connections();
    await using works = await openJobs({ jobs, store: server.url });
    expect((await connections()) - before).toBe(2);
    await works.close();
    await stores.close();
  });

  it('reports that this Redis may lose jobs: it evicts them, or keeps no file', async () => {
    const evicting = await RedisServer.start(
      '--maxmemory-policy',
      'allkeys-lru',
      '--appendonly',
      'no',
    );
    const exceptions: string[] = [];
    const jobs = await openJobs({
      jobs: [],
      store: evicting.url,
      exceptionHandler: ({ exception }) => void exceptions.push(String(exception)),
    });
    while (exceptions.length < 2) await new Promise(setImmediate);
    expect(exceptions).toEqual([
      expect.stringMatching(/redis:..127.*maxmemory-policy is allkeys-lru/),
      expect.stringMatching(/redis:..127.*appendonly is no/),
    ]);
    await jobs.close();
    await evicting.stop();
  });

  describe('when Redis is away', () => {
    const job = defineJob('away', () => {});

    it.each(['refusing', 'silent'] as const)('(%s) refuses to open, in time', async (state) => {
      await using proxy = await Proxy.start(server.port);
      proxy.state = state;
      const connection = `redis://127.0.0.1:${proxy.port}`;
      const before = performance.now();
      const opening = openJobs({
        jobs: [job],
        backend: bullmqBackend({ connection, commandTimeout: 500 }),
      });
      await expect(opening).rejects.toThrow(/ECONNRESET|timed out|timeout|closed/);
      expect(performance.now() - before).toBeLessThan(20_000);
    });

    it('rejects in time when a job cannot be stored, and works again when it is back', async () => {
      await using proxy = await Proxy.start(server.port);
      const connection = `redis://127.0.0.1:${proxy.port}`;
      const exceptions: string[] = [];
      await using jobs = await openJobs({
        jobs: [job],
        backend: bullmqBackend({ connection, prefix: 'away', commandTimeout: 5_000 }),
        exceptionHandler: ({ message, exception }) =>
          void exceptions.push(`${message}: ${String(exception)}`),
      });
      const refusal = async (): Promise<void> => {
        const before = performance.now();
        await expect(jobs.enqueue(job, {})).rejects.toMatchObject({ code: 'ERR_JOB_NOT_STORED' });
        expect(performance.now() - before).toBeLessThan(30_000);
      };
      proxy.state = 'silent';
      await refusal();
      proxy.cut();
      await refusal();
      await until(() =>
        exceptions.some((each) => each.startsWith('The job store reports an error: ')),
      );
      await sleep(3_000);
      // One trouble may have several messages, each of which comes once.
      expect(new Set(exceptions).size).toBe(exceptions.length);
      proxy.state = 'open';
      const isStored = async (): Promise<boolean> =>
        jobs.enqueue(job, {}).then(
          () => true,
          () => false,
        );
      while (!(await isStored())) await sleep(50);
      while ((await jobs.depth())['away']?.ready !== 0) await sleep(50);
      // It is woken again too: polling would take most of a second for each.
      const before = performance.now();
      for (let count = 0; count < 40; count += 1) {
        await jobs.enqueue(job, {});
        while ((await jobs.depth())['away']?.ready !== 0) await new Promise(setImmediate);
      }
      expect(performance.now() - before).toBeLessThan(20_000);
      await jobs.waitAndClose();
    }, 240_000);

    it('closes in time', async () => {
      await using proxy = await Proxy.start(server.port);
      const connection = `redis://127.0.0.1:${proxy.port}`;
      await using jobs = await openJobs({
        jobs: [job],
        backend: bullmqBackend({ connection }),
        exceptionHandler: () => {},
      });
      proxy.state = 'silent';
      const before = performance.now();
      await jobs.close();
      expect(performance.now() - before).toBeLessThan(20_000);
    });
  });
});
