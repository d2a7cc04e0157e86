import type { JobBackend } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { down, memoryWith, storeOpener } from '../support/open-store.ts';
import { Runs } from '../support/runs.ts';

const open = storeOpener();

describe('a lease that is lost', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('aborts the signal of its job, whose outcome is not recorded', async () => {
    const runs = new Runs();
    const settle = jest.fn<Promise<boolean>, Parameters<JobBackend['settle']>>();
    const backend = memoryWith(() => ({ settle, renew: async (leases) => [...leases] }));
    const { jobs, reported } = await open(runs, { backend });
    await jobs.enqueue(runs.job, {});
    const { context, end } = await runs.begun();
    expect(context.signal.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(10_500);
    expect(context.signal.reason).toMatchObject({ code: 'ERR_LEASE_LOST' });
    end();
    await jobs.idle();
    expect(settle).not.toHaveBeenCalled();
    expect(reported.map(({ message }) => message)).toEqual(['Lease lost']);
  });

  it('may be one that no renewal has reached for as long as it lasts: several tries, one report', async () => {
    const runs = new Runs('cut', { leaseTime: 10_000 });
    const { jobs, reported } = await open(runs, { backend: memoryWith(() => ({ renew: down })) });
    await jobs.enqueue(runs.job, {});
    const { context, end } = await runs.begun();
    await jest.advanceTimersByTimeAsync(9_000);
    expect(context.signal.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1_500);
    expect(context.signal.reason).toMatchObject({ code: 'ERR_LEASE_LOST' });
    expect(reported.map(({ message }) => message)).toEqual([
      'Renewing leases failed',
      'Lease lost',
    ]);
    end();
  });
});

describe('a job that is cancelled while it runs', () => {
  it('has its signal aborted within two seconds', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    try {
      const runs = new Runs();
      const { jobs } = await open(runs);
      const id = String(await jobs.enqueue(runs.job, {}));
      const { context, end } = await runs.begun();
      await jest.advanceTimersByTimeAsync(600);
      expect(await jobs.cancel(id)).toBe(true);
      expect(context.signal.aborted).toBe(false);
      await jest.advanceTimersByTimeAsync(2_000);
      expect(context.signal.reason).toMatchObject({ code: 'ERR_JOB_CANCELLED' });
      end();
      await jobs.idle();
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('the end of a job', () => {
  it('is recorded though the store was down when it came, after one report', async () => {
    const runs = new Runs();
    let failures = 2;
    const backend = memoryWith((memory) => ({
      settle: async (...args) => ((failures -= 1) >= 0 ? down() : memory.settle(...args)),
    }));
    const { jobs, reported } = await open(runs, { backend });
    await jobs.enqueue(runs.job, {});
    (await runs.begun()).end();
    await jobs.idle();
    expect(await jobs.depth()).toEqual({ held: { ready: 0, active: 0, failed: 0 } });
    expect(reported.map(({ message }) => message)).toEqual(['Recording the end of a job failed']);
  });

  it('is recorded though the process closes, and the store is down when that begins', async () => {
    const runs = new Runs();
    let store: JobBackend | undefined;
    let failures = 3;
    const backend = memoryWith((memory) => {
      store = memory;
      return {
        settle: async (...args) => ((failures -= 1) >= 0 ? down() : memory.settle(...args)),
      };
    });
    const { jobs, reported } = await open(runs, { backend, closeTimeout: 0 });
    await jobs.enqueue(runs.job, {});
    (await runs.begun()).end();
    await until(() => reported.length > 0);
    await jobs.close();
    expect(await store?.lookup.depth()).toEqual({ held: { ready: 0, active: 0, failed: 0 } });
  });
});
