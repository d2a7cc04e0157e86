import { defineJob, type EnqueueManyOptions, type JobEntry } from '@outlive/durable';
import { down, memoryWith, storeOpener } from './support/open-store.ts';
import { orderSchema } from './support/order-schema.ts';
import { Runs } from './support/runs.ts';

const open = storeOpener();

const isText = (id: string | null): boolean => typeof id === 'string';

describe('enqueueMany()', () => {
  it('stores payloads as they are, and gives their ids in order', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs);
    const payloads = [
      1,
      'two',
      null,
      { three: 3 },
      [4],
      { payload: 5 },
      { payload: 6, options: 7, x: 8 },
    ];
    const ids = await jobs.enqueueMany(runs.job, payloads);
    await runs.begun(payloads.length);
    expect(runs.all.map(({ payload }) => payload)).toEqual(payloads);
    expect(runs.all.map(({ context }) => context.id)).toEqual(ids);
  });

  it('takes entries with options of their own; null where the key is taken', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, { limit: 1 });
    const ids = await jobs.enqueueMany(runs.job, [
      { payload: 'low', options: undefined },
      { payload: 'key', options: { key: 'one' } },
      { payload: 'same key', options: { key: 'one' } },
      { payload: 'high', options: { priority: 5 } },
      { payload: 'late', options: { delay: 60_000 } },
    ]);
    expect(ids.map(isText)).toEqual([true, true, false, true, true]);
    for (let count = 1; count <= 3; count += 1) (await runs.begun(count)).end();
    expect(runs.all.map(({ payload }) => payload)).toEqual(['high', 'low', 'key']);
    expect(await jobs.depth()).toMatchObject({ held: { failed: 0 } });
  });

  it('stores nothing for an empty array', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, { backend: memoryWith(() => ({ enqueueMany: down })) });
    expect(await jobs.enqueueMany(runs.job, [])).toEqual([]);
  });

  it('stores 100,000', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, { work: false });
    const ids = await jobs.enqueueMany(
      runs.job,
      Array.from({ length: 100_000 }, () => ({})),
    );
    expect(new Set(ids).size).toBe(100_000);
    expect((await jobs.depth())['held']?.ready).toBe(100_000);
  });

  it.each([
    [[{}, { big: 1n }], /^payloads\[1\]: .*BigInt/i],
    [[NaN], /^payloads\[0\]: /],
  ])('stores nothing if one payload is bad, and names its index', async (payloads, message) => {
    const runs = new Runs();
    const { jobs } = await open(runs, { work: false });
    const storing = jobs.enqueueMany(runs.job, payloads);
    await expect(storing).rejects.toMatchObject({ code: 'ERR_JOB_PAYLOAD' });
    await expect(storing).rejects.toThrow(message);
    expect(await jobs.depth()).toEqual({ held: { ready: 0, active: 0, failed: 0 } });
  });

  it('asks the schema for each, also for a payload that looks like an entry inside one', async () => {
    const runs = new Runs('held', { schema: orderSchema });
    const { jobs } = await open(runs, { work: false });
    const good = { id: '7' };
    expect((await jobs.enqueueMany(runs.job, [good, good])).map(isText)).toEqual([true, true]);
    const storing = jobs.enqueueMany(runs.job, [
      { payload: good, options: undefined },
      { payload: { payload: good, options: {} }, options: undefined },
    ]);
    await expect(storing).rejects.toThrow(/^payloads\[1\]: The payload of held is not what/);
    expect((await jobs.depth())['held']?.ready).toBe(2);
  });

  const job = defineJob('job', (_: object) => {});
  it.each<[unknown, RegExp, unknown]>([
    [undefined, /`payloads` to be an array/, {}],
    [{ length: 1 }, /`payloads` to be an array/, {}],
    [[{ payload: 1, options: {} }, { payload: 2 }], /^payloads\[1\]: .*\{ payload, options \}/, {}],
    [[{ payload: 1, options: { dealy: 1 } }], /^payloads\[0\]: .*Did you mean `delay`/, {}],
    [
      [{ payload: 1, options: { delay: -1 } }],
      /^payloads\[0\]: .*`delay` to be milliseconds from 0 to 3/,
      {},
    ],
    [[{ payload: 1, options: { delay: NaN } }], /`delay` to be milliseconds from 0 to 3/, {}],
    [[{ payload: 1, options: { delay: '1' } }], /`delay` to be milliseconds from 0 to 3/, {}],
    [[{ payload: 1, options: { delay: 1e15 } }], /`delay` to be milliseconds from 0 to 3/, {}],
    [[{ payload: 1, options: null }], /^payloads\[0\]: .*`options`/, {}],
    [[{ payload: 1, options: { key: 'a', replace: true } }], /^payloads\[0\]: `replace`/, {}],
    [
      [{ payload: 1, options: { group: 'a' } }],
      /^payloads\[0\]: A `group` is of no use to job/,
      {},
    ],
    [[], /Unknown option `key`/, { key: 'a' }],
    [[], /`tx`/, { tx: 1 }],
    [[], /does not support tx/, { tx: { query: async () => ({ rows: [] }) } }],
    [
      [{ payload: 1, options: { tx: { query: async () => ({}) } } }],
      /^payloads\[0\]: Give `tx` once/,
      {},
    ],
  ])('throws at the call for %p', async (payloads, message, options) => {
    const { jobs } = await open({ job } as unknown as Runs);
    const call = () => jobs.enqueueMany(job, payloads as object[], options as EnqueueManyOptions);
    expect(call).toThrow(message);
  });

  it('throws at the call for a job that was not opened', async () => {
    const { jobs } = await open(new Runs());
    expect(() => jobs.enqueueMany(job, [{}])).toThrow(/`job` to be one of the jobs/);
  });

  it('rejects with JobNotStoredError where the store is down, after the close with SchedulerClosedError', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, { backend: memoryWith(() => ({ enqueueMany: down })) });
    await expect(jobs.enqueueMany(runs.job, [1, 2])).rejects.toMatchObject({
      code: 'ERR_JOB_NOT_STORED',
      message: expect.stringMatching(/^2 jobs held could not be stored in .*The store is down$/),
    });
    await jobs.close();
    await expect(jobs.enqueueMany(runs.job, [1])).rejects.toMatchObject({
      code: 'ERR_SCHEDULER_CLOSED',
    });
  });

  it('types: payloads of the job, or entries of them', () => {
    const typed = defineJob('typed', (_: { orderId: string }) => {});
    type Jobs = Awaited<ReturnType<typeof open>>['jobs'];
    const check = (jobs: Jobs): unknown => [
      jobs.enqueueMany(typed, [{ orderId: '1' }]),
      jobs.enqueueMany(typed, [{ payload: { orderId: '1' }, options: { key: 'a' } }]),
      // @ts-expect-error a number is no text
      jobs.enqueueMany(typed, [{ orderId: 1 }]),
      // @ts-expect-error `tx` is given once
      jobs.enqueueMany(typed, [{ payload: { orderId: '1' }, options: { tx: undefined } }]),
    ];
    const entry: JobEntry<number> = { payload: 1, options: undefined };
    expect([check, entry]).toHaveLength(2);
  });
});
