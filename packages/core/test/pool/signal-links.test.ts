import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { obedient, stubborn } from '../support/functions.ts';

function busy(pendingLimit = Infinity): { scheduler: Scheduler; free: () => void } {
  const scheduler = new Scheduler({ limit: 1, pendingLimit });
  const { promise, resolve } = deferred();
  scheduler.spawnNow(() => promise, { name: 'running' });
  return { scheduler, free: resolve };
}

describe('a signal that is already aborted', () => {
  const reason = new Error('gone');
  const signal = AbortSignal.abort(reason);

  it('makes spawn() reject with its reason', async () => {
    const scheduler = new Scheduler();
    const fn = jest.fn();
    await expect(scheduler.spawn(fn, { signal })).rejects.toBe(reason);
    expect(fn).not.toHaveBeenCalled();
    expect(scheduler.size).toBe(0);
  });

  it('makes spawnNow() throw its reason', () => {
    const fn = jest.fn();
    expect(() => new Scheduler().spawnNow(fn, { signal })).toThrow(reason);
    expect(fn).not.toHaveBeenCalled();
  });

  it('counts less than a bad option', () => {
    expect(() => new Scheduler().spawn(stubborn, { signal, timeout: -1 })).toThrow(RangeError);
  });
});

describe('a signal that aborts while spawn() waits for room', () => {
  it('makes it reject with the reason, and its place goes to the next', async () => {
    const { scheduler, free } = busy(0);
    const controller = new AbortController();
    const fn = jest.fn();
    const before = scheduler.spawn(() => 'before');
    const aborted = scheduler.spawn(fn, { signal: controller.signal });
    const after = scheduler.spawn(() => 'after');
    const reason = new Error('gone');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    free();
    expect(await (await before).wait()).toBe('before');
    expect(await (await after).wait()).toBe('after');
    expect(fn).not.toHaveBeenCalled();
  });

  it('wins over a slot that falls free in the same turn', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    const controller = new AbortController();
    controller.signal.addEventListener('abort', () => {
      scheduler.limit = 2;
    });
    scheduler.spawnNow(stubborn);
    const fn = jest.fn();
    const spawn = scheduler.spawn(fn, { signal: controller.signal });
    controller.abort('gone');
    await expect(spawn).rejects.toBe('gone');
    expect(fn).not.toHaveBeenCalled();
    expect(scheduler.activeCount).toBe(1);
  });
});

describe('a signal that aborts later', () => {
  it('cancels a running job with its reason', async () => {
    const controller = new AbortController();
    const job = new Scheduler().spawnNow(obedient, { signal: controller.signal });
    const reason = new Error('gone');
    controller.abort(reason);
    expect(job.signal.reason).toBe(reason);
    await expect(job.wait()).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED', cause: reason });
  });

  it('changes nothing about a job that has ended', async () => {
    const controller = new AbortController();
    const job = new Scheduler().spawnNow(() => 7, { signal: controller.signal });
    controller.abort();
    expect(job).toMatchObject({ state: 'closed', outcome: 'completed' });
    expect(await job.wait()).toBe(7);
  });
});
