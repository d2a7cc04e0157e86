import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { failWith, obedient, stubborn } from '../support/functions.ts';
import { settled } from '../support/settled.ts';

describe('the timeout of a job', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('is counted from its start, not from its spawn', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const job = scheduler.spawnNow(obedient, { timeout: 1_000 });
    jest.advanceTimersByTime(5_000);
    expect(job.state).toBe('pending');
    resolve();
    await settled();
    jest.advanceTimersByTime(999);
    expect(job.state).toBe('active');
    jest.advanceTimersByTime(1);
    expect(job.state).toBe('closing');
    await expect(job.wait()).rejects.toMatchObject({
      code: 'ERR_JOB_CANCELLED',
      cause: expect.objectContaining({ code: 'ERR_JOB_TIMEOUT', name: 'TimeoutError' }),
    });
  });

  it('may be Infinity', () => {
    const job = new Scheduler().spawnNow(stubborn, { timeout: Infinity });
    expect(jest.getTimerCount()).toBe(0);
    expect(job.state).toBe('active');
  });

  it('may be longer than setTimeout() can wait', () => {
    const days40 = 40 * 24 * 60 * 60 * 1_000;
    const job = new Scheduler().spawnNow(stubborn, { timeout: days40 });
    jest.advanceTimersByTime(days40 - 1);
    expect(job.state).toBe('active');
    jest.advanceTimersByTime(1);
    expect(job.state).toBe('closing');
  });

  it.each([
    ['completes', () => Promise.resolve()],
    ['fails', failWith(new Error('failed'))],
    ['returns', () => undefined],
  ])('leaves no timer when the job %s', async (_, fn: () => unknown) => {
    const job = new Scheduler().spawnNow(fn, { timeout: 1_000 });
    await job.wait().catch(() => {});
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves no timer when the job is cancelled, though it goes on', () => {
    const job = new Scheduler().spawnNow(stubborn, { timeout: 1_000 });
    void job.close({ timeout: Infinity });
    expect(job.state).toBe('closing');
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([-1, NaN, '5', null])('is never %p', (timeout) => {
    const fn = jest.fn();
    const options = { timeout: timeout as number };
    expect(() => new Scheduler().spawnNow(fn, options)).toThrow(/`timeout` to be milliseconds/);
    expect(fn).not.toHaveBeenCalled();
  });
});
