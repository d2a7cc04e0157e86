import { type Job, JobCancelledError, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { obedient, stubborn } from '../support/functions.ts';
import { names } from '../support/names.ts';

function busy(pendingLimit = Infinity): { scheduler: Scheduler; free: () => void } {
  const scheduler = new Scheduler({ limit: 1, pendingLimit });
  const { promise, resolve } = deferred();
  scheduler.spawnNow(() => promise, { name: 'running' });
  return { scheduler, free: resolve };
}

describe('cancelling a pending job', () => {
  it('removes it at once, and its function is never called', async () => {
    const { scheduler, free } = busy();
    const fn = jest.fn();
    const job = scheduler.spawnNow(fn);
    void job.close();
    expect(job).toMatchObject({ state: 'closed', outcome: 'cancelled', startedAt: undefined });
    expect(scheduler.has(job)).toBe(false);
    expect(scheduler.pendingCount).toBe(0);
    free();
    await scheduler.idle();
    expect(fn).not.toHaveBeenCalled();
  });

  it('is what its wait() throws, whenever it is called', async () => {
    const { scheduler } = busy();
    const job = scheduler.spawnNow(stubborn);
    const before = job.wait();
    const reason = new Error('not needed');
    await job.close({ reason });
    const error: unknown = await before.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JobCancelledError);
    expect((error as Error).cause).toBe(reason);
    await expect(job.wait()).rejects.toBe(error);
  });

  it('tells those who listen to its signal', async () => {
    const { scheduler } = busy();
    const job = scheduler.spawnNow(stubborn);
    const reasons: unknown[] = [];
    job.signal.addEventListener('abort', () => reasons.push(job.signal.reason, job.state));
    const reason = new Error('not needed');
    await job.close({ reason });
    expect(reasons).toEqual([reason, 'closed']);
    expect(scheduler.spawnNow(stubborn).signal.aborted).toBe(false);
  });

  it('lets those listeners spawn a job, which the drain that cancelled theirs leaves alone', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const running = scheduler.spawnNow(obedient);
    const pending = scheduler.spawnNow(stubborn);
    let late: Job | undefined;
    pending.signal.addEventListener('abort', () => {
      scheduler.limit = 2;
      late = scheduler.spawnNow(stubborn);
    });
    const report = await scheduler.drain({ timeout: 0 });
    expect(report).toMatchObject({ cancelled: [running], neverStarted: [pending], abandoned: [] });
    expect(late?.state).toBe('active');
  });

  it('works wherever it stands, 100,000 times in any order', async () => {
    const { scheduler, free } = busy();
    const fn = jest.fn();
    let jobs = Array.from({ length: 100_000 }, (_, index) =>
      scheduler.spawnNow(fn, { priority: index % 7 }),
    );
    const kept = jobs[77_777];
    // A stride that is coprime with the number visits each job once, far from the one before.
    jobs = jobs.map((_, index) => jobs[(index * 60_013) % jobs.length] as Job);
    expect(new Set(jobs).size).toBe(100_000);
    let left = jobs.length;
    for (const job of jobs) {
      if (job === kept) continue;
      void job.close();
      left -= 1;
      if (scheduler.pendingCount !== left) break;
    }
    expect(scheduler.pendingCount).toBe(1);
    free();
    await kept?.wait();
    expect(fn).toHaveBeenCalledTimes(1);
    expect(scheduler.size).toBe(0);
  });

  it('touches no other when one signal cancels many', async () => {
    const { scheduler, free } = busy();
    const controller = new AbortController();
    const { signal } = controller;
    const called: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const options = 'ac'.includes(name) ? { signal, name } : { name };
      scheduler.spawnNow(() => called.push(name), options);
    }
    controller.abort();
    expect(names(scheduler)).toEqual(['running', 'b', 'd']);
    free();
    await scheduler.idle();
    expect(called).toEqual(['b', 'd']);
  });

  it('comes before a start that a listener on the same signal makes possible', async () => {
    const { scheduler } = busy();
    const controller = new AbortController();
    const fn = jest.fn();
    controller.signal.addEventListener('abort', () => {
      scheduler.limit = 10;
    });
    const job = scheduler.spawnNow(fn, { signal: controller.signal });
    const waiting = new Scheduler({ limit: 1, pendingLimit: 0 });
    waiting.spawnNow(stubborn);
    controller.abort();
    expect(fn).not.toHaveBeenCalled();
    expect(job.outcome).toBe('cancelled');
  });
});
