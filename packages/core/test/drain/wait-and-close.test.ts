import { Scheduler, SchedulerClosedError } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { obedient, stubborn } from '../support/functions.ts';
import { nothing } from '../support/report.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

describe('waitAndClose()', () => {
  it('gives the grace of drain(), then closes for good', async () => {
    const scheduler = new Scheduler();
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const closed = scheduler.waitAndClose();
    expect(scheduler.closed).toBe(false);
    const late = await scheduler.spawn(() => 'accepted');
    work.resolve();
    expect(await closed).toEqual({ ...nothing, completed: 2 });
    expect(await late.wait()).toBe('accepted');
    expect(scheduler.closed).toBe(true);
    await expect(scheduler.spawn(() => {})).rejects.toBeInstanceOf(SchedulerClosedError);
  });

  it('cancels what is left after its timeout, and accepts nothing from then on', async () => {
    const scheduler = new Scheduler();
    const refused = deferred<unknown>();
    const job = scheduler.spawnNow((self) => {
      self.signal.addEventListener('abort', () => {
        expect(scheduler.closed).toBe(true);
        scheduler.spawn(() => {}).catch(refused.resolve);
      });
      return obedient(self);
    });
    expect(await scheduler.waitAndClose({ timeout: 1 })).toEqual({ ...nothing, cancelled: [job] });
    expect(await refused.promise).toBeInstanceOf(SchedulerClosedError);
  });

  it('called again joins the first call, whatever its options', async () => {
    const scheduler = new Scheduler();
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const first = scheduler.waitAndClose();
    const second = scheduler.waitAndClose({ timeout: 0, closeTimeout: 0 });
    await settled();
    expect(scheduler.closed).toBe(false);
    work.resolve();
    expect(await second).toBe(await first);
    expect(await scheduler.waitAndClose()).toBe(await first);
  });

  it('is cut short by close(), which shares the outcome', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(obedient);
    const graceful = scheduler.waitAndClose({ timeout: Infinity });
    const closed = scheduler.close();
    expect(job.state).toBe('closing');
    expect(await closed).toBe(await graceful);
    expect(await graceful).toEqual({ ...nothing, cancelled: [job] });
  });

  it('keeps its own closeTimeout when close() cuts it short', async () => {
    const { scheduler } = listeningScheduler({ closeTimeout: Infinity });
    const job = scheduler.spawnNow(stubborn);
    void scheduler.waitAndClose({ closeTimeout: 1 });
    expect(await scheduler.close()).toEqual({ ...nothing, abandoned: [job] });
  });

  it('is what `await using` does', async () => {
    const scheduler = new Scheduler();
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    const disposed = scheduler[Symbol.asyncDispose]();
    work.resolve();
    expect(await disposed).toBeUndefined();
    expect(job.outcome).toBe('completed');
    expect(scheduler.closed).toBe(true);
  });
});
