import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/core/internal';

describe('stats()', () => {
  it('accounts for every job that was spawned', async () => {
    const scheduler = new Scheduler({ limit: 2, exceptionHandler: () => undefined });
    const gate = deferred<void>();
    await scheduler.spawn(() => 'done');
    await scheduler.spawn(() => Promise.reject(new Error('failed')));
    await scheduler.idle();
    await scheduler.spawn(() => gate.promise);
    const closing = await scheduler.spawn(() => gate.promise);
    void closing.close();
    await scheduler.spawn(() => 'pending');
    const dropped = await scheduler.spawn(() => 'dropped');
    await dropped.close();
    void scheduler.shield(gate.promise);
    expect(scheduler.stats()).toMatchObject({
      spawned: 6,
      started: 4,
      retried: 0,
      completed: 1,
      failed: 1,
      cancelled: 1,
      refused: 0,
      pending: 1,
      active: 1,
      closing: 1,
      shields: 1,
      oldestPendingAge: expect.any(Number) as number,
      oldestActiveAge: expect.any(Number) as number,
    });
    gate.resolve();
    await scheduler.idle();
    expect(scheduler.stats()).toEqual({
      spawned: 6,
      started: 5,
      retried: 0,
      completed: 4,
      failed: 1,
      cancelled: 1,
      refused: 0,
      pending: 0,
      active: 0,
      closing: 0,
      shields: 0,
      oldestPendingAge: undefined,
      oldestActiveAge: undefined,
    });
  });

  it('counts further attempts apart', async () => {
    const scheduler = new Scheduler({ exceptionHandler: () => undefined });
    await scheduler.spawn(() => Promise.reject(new Error('again')), {
      retry: { retries: 2, delay: 0 },
    });
    await scheduler.idle();
    expect(scheduler.stats()).toMatchObject({ spawned: 1, started: 1, retried: 2, failed: 1 });
  });

  it('is of a new scheduler all zeros', () => {
    const { spawned, completed, oldestActiveAge } = new Scheduler().stats();
    expect({ spawned, completed, oldestActiveAge }).toEqual({ spawned: 0, completed: 0 });
  });
});
