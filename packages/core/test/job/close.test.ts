import { type Job, JobTimeoutError, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { failWith, obedient, stubborn } from '../support/functions.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';
import { fakeTimers } from '../support/timers.ts';

afterEach(() => {
  jest.useRealTimers();
});

describe('job.close()', () => {
  it('resolves when the function has settled, not when the signal aborts', async () => {
    const work = deferred();
    const job = new Scheduler().spawnNow(() => work.promise);
    let closed = false;
    const closing = job.close({ timeout: Infinity }).then(() => (closed = true));
    expect(job.signal.aborted).toBe(true);
    await settled();
    expect(closed).toBe(false);
    expect(job).toMatchObject({ state: 'closing', active: true, closed: false });
    work.resolve();
    await closing;
    expect(job).toMatchObject({ state: 'closed', active: false, closed: true });
  });

  it('removes a pending job at once and resolves', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    scheduler.spawnNow(obedient);
    const body = jest.fn();
    const job = scheduler.spawnNow(body);
    const closed = job.close();
    expect(job).toMatchObject({ state: 'closed', outcome: 'cancelled', startedAt: undefined });
    expect(scheduler.pendingCount).toBe(0);
    await closed;
    await scheduler.close();
    expect(body).not.toHaveBeenCalled();
  });

  it('throws JobTimeoutError after its timeout; the job stays closing and counted', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    await expect(job.close({ timeout: 1 })).rejects.toBeInstanceOf(JobTimeoutError);
    expect(job.state).toBe('closing');
    expect(scheduler).toMatchObject({ size: 1, activeCount: 1 });
    expect(scheduler.has(job)).toBe(true);
    work.resolve();
    await settled();
    expect(job.state).toBe('closed');
    expect(scheduler.size).toBe(0);
    expect(told).toEqual([]);
  });

  it("waits for the scheduler's closeTimeout by default", async () => {
    const job = new Scheduler({ closeTimeout: 1 }).spawnNow(stubborn);
    await expect(job.close()).rejects.toMatchObject({ code: 'ERR_JOB_TIMEOUT' });
    const work = deferred();
    const patient = new Scheduler({ closeTimeout: Infinity }).spawnNow(() => work.promise);
    let over = false;
    const closed = patient.close().then(() => (over = true));
    await expect(job.close({ timeout: 10 })).rejects.toBeInstanceOf(JobTimeoutError);
    expect(over).toBe(false);
    work.resolve();
    await closed;
  });

  it('throws what the job failed with, and nobody else is told', async () => {
    const { scheduler, told } = listeningScheduler();
    const error = new Error('clean-up failed');
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    const both = [job.close(), job.close()];
    work.reject(error);
    for (const closed of both) await expect(closed).rejects.toBe(error);
    await settled();
    expect(told).toEqual([]);
  });

  it('throws even a failure of undefined', async () => {
    const work = deferred();
    const job = new Scheduler().spawnNow(() => work.promise);
    const closed = job.close();
    work.reject(undefined);
    await expect(closed).rejects.toBeUndefined();
  });

  it('owns the failure also when its promise was dropped', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    void scheduler.spawnNow(() => work.promise).close();
    work.reject(new Error('clean-up failed'));
    await settled();
    expect(told).toEqual([]);
  });

  it('leaves the failure to the handler once it has given up', async () => {
    const { scheduler, told } = listeningScheduler();
    const error = new Error('clean-up failed');
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    await expect(job.close({ timeout: 0 })).rejects.toBeInstanceOf(JobTimeoutError);
    work.reject(error);
    await settled();
    expect(told).toEqual([{ message: 'Job processing failed', exception: error, job }]);
  });

  it('does nothing to a closed job, and takes no failure from the handler', async () => {
    const { scheduler, told } = listeningScheduler();
    const job = scheduler.spawnNow(() => {
      throw new Error('boom');
    });
    await job.close();
    await job.close({ timeout: 0, reason: 'again' });
    expect(job.outcome).toBe('failed');
    await settled();
    expect(told).toHaveLength(1);
    expect(job.signal.aborted).toBe(false);
  });

  it('lets the next job start only when the function has settled', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    const next = scheduler.spawnNow(() => 'ran');
    await expect(job.close({ timeout: 1 })).rejects.toBeInstanceOf(JobTimeoutError);
    expect(next.state).toBe('pending');
    work.resolve();
    expect(await next.wait()).toBe('ran');
  });

  it('holds no timer once the job has settled', async () => {
    fakeTimers();
    const scheduler = new Scheduler();
    await scheduler.spawnNow(obedient, { timeout: 60_000 }).close({ timeout: 60_000 });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('takes the timer of its own timeout from a cancelled job', async () => {
    fakeTimers();
    const work = deferred();
    const job = new Scheduler().spawnNow(() => work.promise, { timeout: 60_000 });
    expect(jest.getTimerCount()).toBe(1);
    void job.close({ timeout: Infinity });
    void job.close({ timeout: 0 }).catch(() => {});
    await jest.advanceTimersByTimeAsync(1);
    expect(job.state).toBe('closing');
    expect(jest.getTimerCount()).toBe(0);
    work.resolve();
  });
});

describe('a job that calls its own job.close()', () => {
  it('is cancelled; awaiting it ends by closeTimeout, with JobTimeoutError', async () => {
    const { scheduler, told } = listeningScheduler({ closeTimeout: 1 });
    const ended: unknown[] = [];
    const job = scheduler.spawnNow(async ({ signal }): Promise<void> => {
      await nextTurn();
      await job.close({ reason: 'enough' }).catch((error: unknown) => ended.push(error));
      signal.throwIfAborted();
    });
    await expect(job.wait()).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED', cause: 'enough' });
    expect(ended).toEqual([expect.any(JobTimeoutError)]);
    expect(job.outcome).toBe('cancelled');
    expect(told).toEqual([]);
  });

  it('is cancelled likewise before its first await, and by a timeout of its own', async () => {
    const scheduler = new Scheduler({ closeTimeout: Infinity });
    const job = scheduler.spawnNow(async (self): Promise<void> => {
      const itself = [...scheduler][0] as Job;
      await expect(itself.close({ timeout: 0 })).rejects.toBeInstanceOf(JobTimeoutError);
      self.signal.throwIfAborted();
    });
    await expect(job.wait()).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    expect(job.outcome).toBe('cancelled');
  });

  it('has a failure that it does not catch in that told, like any other', async () => {
    const { scheduler, told } = listeningScheduler({ closeTimeout: 1 });
    const job = scheduler.spawnNow(async (): Promise<void> => {
      await nextTurn();
      await job.close();
    });
    await scheduler.idle();
    await settled();
    expect(job.outcome).toBe('failed');
    expect(told).toMatchObject([{ exception: { code: 'ERR_JOB_TIMEOUT' }, job }]);
  });

  it('and does not await it, may end in time', async () => {
    const scheduler = new Scheduler({ closeTimeout: Infinity });
    let closed: Promise<void> | undefined;
    const job = scheduler.spawnNow(async ({ signal }): Promise<void> => {
      await nextTurn();
      closed = job.close();
      signal.throwIfAborted();
    });
    await expect(job.wait()).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    await closed;
    expect(job.outcome).toBe('cancelled');
  });
});

describe('await using a job', () => {
  it('closes it', async () => {
    const job = new Scheduler().spawnNow(obedient);
    await job[Symbol.asyncDispose]();
    expect(job.outcome).toBe('cancelled');
  });

  it('throws what the job failed with', async () => {
    const error = new Error('clean-up failed');
    const job = new Scheduler().spawnNow(({ signal }) => {
      const work = deferred();
      signal.addEventListener('abort', () => work.reject(error));
      return work.promise;
    });
    await expect(job[Symbol.asyncDispose]()).rejects.toBe(error);
  });

  it('does nothing to a job that has failed already', async () => {
    const { scheduler } = listeningScheduler();
    const job = scheduler.spawnNow(failWith(new Error('boom')));
    await settled();
    await job[Symbol.asyncDispose]();
  });
});
