import { Scheduler } from '@outlive/core';
import { settled } from '../support/settled.ts';
import { stubborn } from '../support/functions.ts';
import { fakeTimers } from '../support/timers.ts';
import { listeningScheduler } from '../support/told.ts';
import { watched } from '@outlive/test-support/watched';

afterEach(() => {
  jest.useRealTimers();
});

describe('drain() while a close cancels', () => {
  it('ends within its own timeout and closeTimeout, whatever the close waits for', async () => {
    fakeTimers();
    const { scheduler } = listeningScheduler({ closeTimeout: 60_000 });
    const job = scheduler.spawnNow(stubborn);
    const closed = watched(scheduler.close());
    const drained = watched(scheduler.drain({ timeout: 10, closeTimeout: 20 }));
    await jest.advanceTimersByTimeAsync(10);
    await jest.advanceTimersByTimeAsync(19);
    expect(drained.over).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect([drained.over, closed.over]).toEqual([true, false]);
    expect(await drained.promise).toMatchObject({ abandoned: [job] });
    await jest.advanceTimersByTimeAsync(60_000);
    expect(await closed.promise).toMatchObject({ abandoned: [job] });
  });

  it('ends with the close, if that is earlier, and shares its report', async () => {
    fakeTimers();
    const { scheduler } = listeningScheduler({ closeTimeout: 10 });
    scheduler.spawnNow(stubborn);
    const closed = scheduler.close();
    const drained = scheduler.drain({ timeout: Infinity, closeTimeout: Infinity });
    await jest.advanceTimersByTimeAsync(10);
    expect(await drained).toBe(await closed);
  });

  it('gives the report of a close that is over', async () => {
    const scheduler = new Scheduler();
    const report = await scheduler.close();
    await settled();
    expect(await scheduler.drain()).toBe(report);
  });

  it('leaves no timer', async () => {
    fakeTimers();
    const { scheduler } = listeningScheduler({ closeTimeout: 10 });
    scheduler.spawnNow(stubborn);
    void scheduler.close();
    void scheduler.drain({ timeout: 5_000, closeTimeout: 5_000 });
    await jest.advanceTimersByTimeAsync(10);
    await settled();
    expect(jest.getTimerCount()).toBe(0);
  });
});
