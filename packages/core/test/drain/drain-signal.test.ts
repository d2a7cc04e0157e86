import { type DrainReport, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { obedient } from '../support/functions.ts';
import { nothing } from '../support/report.ts';

describe('drainSignal', () => {
  it.each(['drain', 'waitAndClose', 'close'] as const)('aborts when %s() begins', async (end) => {
    const scheduler = new Scheduler();
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    const { drainSignal } = scheduler;
    expect(job.drainSignal).toBe(drainSignal);
    expect(drainSignal.aborted).toBe(false);
    const ended = scheduler[end]();
    expect(drainSignal.aborted).toBe(true);
    expect(scheduler.drainSignal.aborted).toBe(true);
    work.resolve();
    await ended;
  });

  it('cancels nothing: a loop may stop early', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(async ({ signal, drainSignal }) => {
      let turns = 0;
      while (!drainSignal.aborted) {
        turns += 1;
        await nextTurn();
      }
      return [turns > 0, signal.aborted];
    });
    await nextTurn();
    await scheduler.drain();
    expect(await job.wait()).toEqual([true, false]);
  });

  it('is aborted on the first read of a job that starts during a drain', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const late = scheduler.spawnNow(({ drainSignal }) => drainSignal.aborted);
    const drained = scheduler.drain();
    work.resolve();
    await drained;
    expect(await late.wait()).toBe(true);
  });

  it('is a fresh signal once the last of the drains is over', async () => {
    const scheduler = new Scheduler();
    const first = scheduler.drainSignal;
    const job = scheduler.spawnNow(obedient);
    const long = scheduler.drain();
    await scheduler.drain({ timeout: 0, closeTimeout: Infinity });
    await long;
    expect(job.outcome).toBe('cancelled');
    expect(first.aborted).toBe(true);
    expect(scheduler.drainSignal).not.toBe(first);
    expect(scheduler.drainSignal.aborted).toBe(false);
    expect(await scheduler.spawnNow((each) => each.drainSignal.aborted).wait()).toBe(false);
  });

  it('stays aborted after close()', async () => {
    const scheduler = new Scheduler();
    await scheduler.close();
    expect(scheduler.drainSignal.aborted).toBe(true);
  });
});

describe('a listener of `drainSignal` that closes the scheduler', () => {
  it.each(['drain', 'waitAndClose', 'close'] as const)('ends %s() well', async (end) => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(obedient);
    let inner: Promise<DrainReport> | undefined;
    scheduler.drainSignal.addEventListener('abort', () => {
      inner = scheduler.close();
    });
    const outer = await scheduler[end]({ timeout: Infinity });
    expect(await inner).toEqual({ ...nothing, cancelled: [job] });
    expect(outer).toEqual({ ...nothing, cancelled: [job] });
  });
});
