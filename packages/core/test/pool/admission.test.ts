import { type Job, PendingLimitError, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { stubborn } from '../support/functions.ts';
import { names } from '../support/names.ts';
import { settled } from '../support/settled.ts';

function busy(pendingLimit = Infinity): { scheduler: Scheduler; free: () => void } {
  const scheduler = new Scheduler({ limit: 1, pendingLimit });
  const { promise, resolve } = deferred();
  scheduler.spawnNow(() => promise, { name: 'running' });
  return { scheduler, free: resolve };
}

describe('pendingLimit', () => {
  it('is 10,000 unless another is given', () => {
    expect(new Scheduler().pendingLimit).toBe(10_000);
    expect(new Scheduler({ pendingLimit: 0 }).pendingLimit).toBe(0);
  });

  it('lets so many jobs be pending, and no more', () => {
    const { scheduler } = busy(2);
    scheduler.spawnNow(stubborn);
    scheduler.spawnNow(stubborn);
    expect(() => scheduler.spawnNow(stubborn)).toThrow(PendingLimitError);
    expect(scheduler.pendingCount).toBe(2);
    expect(scheduler.size).toBe(3);
  });

  it('counts jobs that wait for their `after`', () => {
    const scheduler = new Scheduler({ pendingLimit: 1 });
    scheduler.spawnNow(stubborn, { after: stubborn() });
    expect(() => scheduler.spawnNow(stubborn, { after: stubborn() })).toThrow(PendingLimitError);
    expect(scheduler.pendingCount).toBe(1);
  });

  it('of 0 lets jobs run but none wait', async () => {
    const { scheduler, free } = busy(0);
    expect(() => scheduler.spawnNow(stubborn)).toThrow(
      expect.objectContaining({ name: 'PendingLimitError', code: 'ERR_PENDING_LIMIT' }),
    );
    const spawn = scheduler.spawn(() => 'ran');
    expect(scheduler.pendingCount).toBe(0);
    free();
    expect((await spawn).outcome).toBe('completed');
  });

  it('makes spawn() wait for room, in no counter and no iteration', async () => {
    const { scheduler, free } = busy(1);
    scheduler.spawnNow(() => {}, { name: 'pending' });
    const fn = jest.fn();
    let admitted: Job | undefined;
    const spawn = scheduler.spawn(fn, { name: 'waiting' }).then((job) => (admitted = job));
    await settled();
    expect(admitted).toBeUndefined();
    expect(names(scheduler)).toEqual(['running', 'pending']);
    expect([scheduler.size, scheduler.pendingCount]).toEqual([2, 1]);
    free();
    await (await spawn).wait();
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it.each([-1, 0.5, NaN, '1', null])('is never %p', (pendingLimit) => {
    expect(() => new Scheduler({ pendingLimit: pendingLimit as number })).toThrow(
      /`pendingLimit` to be a whole number from 0/,
    );
  });
});
