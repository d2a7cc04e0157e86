import { type Job, JobCancelledError, PendingLimitError, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { obedient, stubborn } from './support/functions.ts';
import { names } from './support/names.ts';
import { settled } from './support/settled.ts';
import { listeningScheduler } from './support/told.ts';

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
  }, 60_000);

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

describe('a job with `after`', () => {
  it.each(['resolve', 'reject'] as const)(
    'starts when the promise is settled by %s()',
    async (how) => {
      const scheduler = new Scheduler();
      const after = deferred<unknown>();
      const fn = jest.fn();
      const job = await scheduler.spawn(fn, { after: after.promise });
      await settled();
      expect(job.state).toBe('pending');
      expect(fn).not.toHaveBeenCalled();
      after[how](new Error('whatever'));
      await job.wait();
      expect(fn).toHaveBeenCalledTimes(1);
    },
  );

  it('takes no slot before', () => {
    const scheduler = new Scheduler({ limit: 1 });
    scheduler.spawnNow(stubborn, { after: stubborn() });
    expect([scheduler.activeCount, scheduler.pendingCount]).toEqual([0, 1]);
    expect(scheduler.spawnNow(stubborn).state).toBe('active');
  });

  it('waits for its turn afterwards, at the place that its spawn gave it', async () => {
    const { scheduler, free } = busy();
    const after = deferred();
    const started: string[] = [];
    scheduler.spawnNow(() => started.push('first'), { after: after.promise });
    scheduler.spawnNow(() => started.push('second'));
    after.resolve();
    await settled();
    expect(started).toEqual([]);
    free();
    await scheduler.idle();
    expect(started).toEqual(['first', 'second']);
  });

  it('may be cancelled before, and then settling it changes nothing', async () => {
    const scheduler = new Scheduler();
    const after = deferred();
    const fn = jest.fn();
    const job = scheduler.spawnNow(fn, { after: after.promise });
    await job.close();
    after.resolve();
    await settled();
    expect(fn).not.toHaveBeenCalled();
    expect([scheduler.size, scheduler.pendingCount]).toEqual([0, 0]);
  });

  it('does not start when the scheduler has been closed meanwhile', async () => {
    const scheduler = new Scheduler();
    const after = deferred();
    const fn = jest.fn();
    const job = scheduler.spawnNow(fn, { after: after.promise });
    const { neverStarted } = await scheduler.close();
    after.resolve();
    await settled();
    expect(neverStarted).toEqual([job]);
    expect(fn).not.toHaveBeenCalled();
  });

  /* oxlint-disable unicorn/no-thenable -- thenables are what is tested */
  it.each([
    [
      'settles twice',
      Object.assign(Promise.resolve(), {
        then(onFulfilled: () => void, onRejected: () => void) {
          queueMicrotask(onFulfilled);
          queueMicrotask(onRejected);
        },
      }),
    ],
    [
      'throws',
      Object.assign(Promise.resolve(), {
        then() {
          throw new Error('thrown');
        },
      }),
    ],
    ['is a thenable of another kind', { then: (resolve: () => void) => resolve() }],
  ])('starts once, whatever its promise does: one that %s', async (_, after) => {
    const { scheduler, free } = busy();
    const fn = jest.fn();
    scheduler.spawnNow(fn, { after: after as unknown as Promise<void> });
    await settled();
    expect(scheduler.pendingCount).toBe(1);
    free();
    await scheduler.idle();
    expect(fn).toHaveBeenCalledTimes(1);
    expect([scheduler.size, scheduler.pendingCount]).toEqual([0, 0]);
  });
  /* oxlint-enable unicorn/no-thenable */

  it.each([null, 7, {}, () => {}])('needs a promise, not %p', (after) => {
    const options = { after: after as unknown as Promise<void> };
    expect(() => new Scheduler().spawnNow(() => {}, options)).toThrow(/`after` to be a promise/);
  });

  describe('where none may be pending', () => {
    it('is refused by spawnNow(), and waits in spawn()', async () => {
      const scheduler = new Scheduler({ pendingLimit: 0 });
      const after = deferred();
      expect(() => scheduler.spawnNow(stubborn, { after: after.promise })).toThrow(
        PendingLimitError,
      );
      const spawn = scheduler.spawn(() => 'ran', { after: after.promise });
      await settled();
      expect(scheduler.size).toBe(0);
      after.resolve();
      expect((await spawn).outcome).toBe('completed');
    });

    it.each(['spawn', 'spawnNow'] as const)('does not keep %s() from a free slot', (method) => {
      const scheduler = new Scheduler({ pendingLimit: 0 });
      void scheduler.spawn(stubborn, { after: stubborn() });
      const fn = jest.fn();
      void scheduler[method](fn);
      expect(fn).toHaveBeenCalledTimes(1);
    });
  });
});

describe('a spawn() that rejects and that nobody awaits', () => {
  it('is told to the handler as a refused job', async () => {
    const { scheduler, told } = listeningScheduler({ limit: 1, pendingLimit: 0 });
    const reason = new Error('gone');
    void scheduler.spawn(stubborn, { signal: AbortSignal.abort(reason) });
    const controller = new AbortController();
    void scheduler.spawn(stubborn);
    void scheduler.spawn(stubborn, { signal: controller.signal });
    controller.abort(reason);
    await settled();
    expect(told).toMatchObject([
      { message: 'Job refused', exception: reason },
      { message: 'Job refused', exception: reason },
    ]);
  });

  it('is told also when a close is what refuses it', async () => {
    const { scheduler, told } = listeningScheduler({ limit: 1, pendingLimit: 0, closeTimeout: 0 });
    void scheduler.spawn(obedient);
    void scheduler.spawn(obedient);
    await scheduler.close();
    void scheduler.spawn(obedient);
    await settled();
    expect(told).toMatchObject([
      { message: 'Job refused', exception: { code: 'ERR_SCHEDULER_CLOSED' } },
      { message: 'Job refused', exception: { code: 'ERR_SCHEDULER_CLOSED' } },
    ]);
  });

  it('is told to whoever awaits it, and to nobody else', async () => {
    const { scheduler, told } = listeningScheduler();
    const reason = new Error('gone');
    const spawn = scheduler.spawn(stubborn, { signal: AbortSignal.abort(reason) });
    await expect(spawn).rejects.toBe(reason);
    await settled();
    expect(told).toEqual([]);
  });
});
