import { defineJob, type Transaction } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { down, memoryWith, storeOpener } from './support/open-store.ts';
import { Runs } from './support/runs.ts';

const open = storeOpener();

/** A transaction of a store that takes all statements. */
async function transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  return work({ query: async () => ({ rows: [] }) });
}

describe('enqueue()', () => {
  it('throws for a job that was not opened, and rejects after the close', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs);
    const other = defineJob('held', () => {});
    expect(() => jobs.enqueue(other, {})).toThrow(/`job` to be one of the jobs/);
    await jobs.close();
    await expect(jobs.enqueue(runs.job, {})).rejects.toMatchObject({
      code: 'ERR_SCHEDULER_CLOSED',
    });
  });

  it('takes a part of a ms for a whole one, and refuses a delay of more than a hundred years at the call', async () => {
    const runs = new Runs();
    const { jobs, backend } = await open(runs, { work: false });
    const enqueue = jest.spyOn(backend, 'enqueue');
    await jobs.enqueue(runs.job, {}, { delay: 0.000_1 });
    expect(enqueue).toHaveBeenCalledWith(expect.objectContaining({ delay: 1 }), expect.anything());
    for (const delay of [1e13, Infinity]) {
      expect(() => jobs.enqueue(runs.job, {}, { delay })).toThrow(
        /`delay` to be milliseconds from/,
      );
      expect(() => jobs.enqueue(runs.job, {}, { delay })).toThrow(RangeError);
    }
  });

  it('rejects with the reason when the store does not take the job', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, { backend: memoryWith(() => ({ enqueue: down })) });
    await expect(jobs.enqueue(runs.job, {})).rejects.toMatchObject({
      code: 'ERR_JOB_NOT_STORED',
      message: 'The job held could not be stored in the job store: The store is down',
      cause: new Error('The store is down'),
    });
  });
});

describe('transaction()', () => {
  it('that fails is reported where its promise was dropped, and nowhere else where it was not', async () => {
    const { jobs, reported } = await open(new Runs(), {
      backend: memoryWith(() => ({ transaction })),
    });
    const failing = async (reason: string): Promise<never> =>
      jobs.transaction(async () => {
        throw new Error(reason);
      });
    await expect(failing('awaited')).rejects.toThrow('awaited');
    void jobs.transaction(async () => {
      throw new Error('dropped');
    });
    await until(() => reported.length > 0);
    expect(reported).toMatchObject([
      { message: 'A transaction of the job store failed', exception: { message: 'dropped' } },
    ]);
    await jobs.close();
    await expect(failing('late')).rejects.toMatchObject({ code: 'ERR_SCHEDULER_CLOSED' });
  });
});

describe('waitAndClose()', () => {
  it('lets a job finish within the grace, and takes but does not run more', async () => {
    const runs = new Runs();
    const { jobs, backend } = await open(runs);
    await jobs.enqueue(runs.job, 1);
    const first = await runs.begun();
    const closing = jobs.waitAndClose();
    await jobs.enqueue(runs.job, 2);
    first.end();
    expect(await closing).toMatchObject({ completed: 1, cancelled: [], abandoned: [] });
    expect(runs.all).toHaveLength(1);
    expect((await backend.lookup.depth())['held']).toEqual({ ready: 1, active: 0, failed: 0 });
  });

  it('closes the store once, however often it and close() are called', async () => {
    const close = jest.fn(async () => {});
    const { jobs } = await open(new Runs(), { backend: memoryWith(() => ({ close })) });
    const reports = await Promise.all([jobs.waitAndClose(), jobs.close(), jobs.close()]);
    expect(new Set(reports).size).toBe(1);
    expect(close).toHaveBeenCalledTimes(1);
  });
});

describe('a handler that waits for its own scheduler', () => {
  it.each<['drain' | 'waitAndClose' | 'close']>([['drain'], ['waitAndClose'], ['close']])(
    'is left out of %s({ from: job })',
    async (method) => {
      const runs = new Runs();
      const { jobs } = await open(runs);
      await jobs.enqueue(runs.job, {});
      const { context, end } = await runs.begun();
      expect(await jobs[method]({ from: context.job })).toMatchObject({
        completed: 0,
        cancelled: [],
        abandoned: [],
      });
      end();
    },
  );
});
