import { bullmqBackend, defineJob, type JobBackend, openJobs } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { keepAll } from '../../support/keep-all.ts';

interface Native {
  readonly redis: { flushall(): Promise<unknown> };
}

async function lose({ native }: { readonly native?: unknown }): Promise<void> {
  await (native as Native).redis.flushall();
}

describeRedis('schedules of a Redis that has lost its data', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(async () => {
    await server.stop();
  });

  async function open(): Promise<JobBackend & { schedules: object }> {
    const backend = bullmqBackend({ connection: server.url });
    const spec = { name: 'tick', retries: 0, backoff: 0, leaseTime: 10_000, keep: keepAll };
    await backend.open([spec], { work: false, onError: () => undefined });
    return backend as JobBackend & { schedules: object };
  }

  it('go on, by what the processes know that live through it', async () => {
    let runs = 0;
    const tick = defineJob('tick', () => void (runs += 1), { schedule: '* * * * * *' });
    const jobs = await openJobs({ jobs: [tick], store: server.url });
    await until(() => runs > 0);
    await lose(jobs);
    const before = runs;
    await until(() => runs > before + 1);
    await jobs.close();
  });

  it('are all those of a name, and no time is met twice', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const refs = ['a', 'b'].map((id) => ({ name: 'tick', id }));
    await one.schedules.replace(['tick'], refs, 1_000);
    await other.schedules.replace(['tick'], refs, 1_000);
    await lose(one);
    const job = { name: 'tick', payload: {} };
    expect(await one.schedules.enqueue(job, 'a', 2_000)).not.toBeNull();
    expect(await other.schedules.enqueue(job, 'a', 2_000)).toBeNull();
    expect(await other.schedules.enqueue(job, 'b', 2_000)).not.toBeNull();
    expect(await one.schedules.enqueue(job, 'b', 2_000)).toBeNull();
    // A process that starts now has missed none of them.
    expect(await one.schedules.replace(['tick'], refs, 5_000)).toEqual([2_000, 2_000]);
    await Promise.all([one.close(), other.close()]);
  });

  it('are those of the process that opened the store after it', async () => {
    const [before, after] = await Promise.all([open(), open()]);
    await before.schedules.replace(['tick'], [{ name: 'tick', id: 'former' }], 1_000);
    await lose(before);
    await after.schedules.replace(['tick'], [], 1_000);
    expect(
      await before.schedules.enqueue({ name: 'tick', payload: {} }, 'former', 2_000),
    ).toBeNull();
    await Promise.all([before.close(), after.close()]);
  });
});
