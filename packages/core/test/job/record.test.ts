import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { obedient, stubborn } from '../support/functions.ts';

describe('the state of a job', () => {
  it('is pending, active, then closed', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const ends = [deferred(), deferred()] as const;
    const first = scheduler.spawnNow(() => ends[0].promise);
    const job = scheduler.spawnNow(() => ends[1].promise);
    expect(job).toMatchObject({ state: 'pending', pending: true, active: false, closed: false });
    ends[0].resolve();
    await first.wait();
    expect(job).toMatchObject({ state: 'active', pending: false, active: true, closed: false });
    expect(job.outcome).toBeUndefined();
    ends[1].resolve();
    await job.wait();
    expect(job).toMatchObject({ state: 'closed', pending: false, active: false, closed: true });
    expect(job.outcome).toBe('completed');
  });

  it('is closing while a cancelled function has not settled', async () => {
    const job = new Scheduler().spawnNow(obedient);
    const close = job.close();
    expect(job).toMatchObject({ state: 'closing', active: true, closed: false });
    await close;
    expect(job).toMatchObject({ state: 'closed', outcome: 'cancelled' });
  });
});

describe('a job', () => {
  it('has an id that grows, in its own scheduler', () => {
    for (const scheduler of [new Scheduler({ limit: 1 }), new Scheduler()]) {
      const jobs = [stubborn, stubborn, stubborn].map((fn) => scheduler.spawnNow(fn));
      expect(jobs.map((job) => job.id)).toEqual([1, 2, 3]);
    }
  });

  it('has a name that may be changed', () => {
    const job = new Scheduler().spawnNow(stubborn, { name: 'mail' });
    expect(job.name).toBe('mail');
    job.name = 'mail to Ann';
    expect(job.name).toBe('mail to Ann');
    expect(new Scheduler().spawnNow(stubborn).name).toBeUndefined();
  });

  it('has one signal', () => {
    const job = new Scheduler().spawnNow(stubborn);
    expect(job.signal).toBe(job.signal);
    expect(job.signal).toBeInstanceOf(AbortSignal);
  });

  it('has an aborted signal if it is first read after the cancellation', () => {
    const job = new Scheduler().spawnNow(stubborn);
    const reason = new Error('not needed');
    void job.close({ reason, timeout: Infinity });
    expect(job.signal.aborted).toBe(true);
    expect(job.signal.reason).toBe(reason);
  });
});

describe('spawnedAt and startedAt', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });

  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('are the times of both, in epoch milliseconds', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const job = scheduler.spawnNow(stubborn);
    expect(job).toMatchObject({ spawnedAt: 1_000, startedAt: undefined });
    jest.advanceTimersByTime(500);
    resolve();
    await nextTurn();
    expect(job).toMatchObject({ spawnedAt: 1_000, startedAt: 1_500 });
  });

  it('are one clock read when the job starts at once', () => {
    const now = jest.spyOn(Date, 'now');
    const job = new Scheduler().spawnNow(stubborn);
    expect(now).toHaveBeenCalledTimes(1);
    expect(job.spawnedAt).toBe(job.startedAt);
  });

  it('count from the admission of a spawn() that waited for room', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const spawn = scheduler.spawn(stubborn);
    jest.advanceTimersByTime(500);
    resolve();
    expect(await spawn).toMatchObject({ spawnedAt: 1_500, startedAt: 1_500 });
  });
});
