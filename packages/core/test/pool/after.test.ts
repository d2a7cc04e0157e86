import { PendingLimitError, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { stubborn } from '../support/functions.ts';
import { settled } from '../support/settled.ts';

function busy(pendingLimit = Infinity): { scheduler: Scheduler; free: () => void } {
  const scheduler = new Scheduler({ limit: 1, pendingLimit });
  const { promise, resolve } = deferred();
  scheduler.spawnNow(() => promise, { name: 'running' });
  return { scheduler, free: resolve };
}

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

describe('many jobs with `after`', () => {
  it.each<[string, (count: number) => number[]]>([
    ['oldest first', (count) => Array.from({ length: count }, (_, i) => i)],
    ['newest first', (count) => Array.from({ length: count }, (_, i) => count - 1 - i)],
    // Any number that has no divisor in common with the count.
    ['in no order', (count) => Array.from({ length: count }, (_, i) => (i * 7_919) % count)],
  ])('are released fast, and start in the order of their spawns: %s', async (_, order) => {
    const count = 50_000;
    const scheduler = new Scheduler({ limit: 1, pendingLimit: Infinity });
    scheduler.pause();
    const afters = Array.from({ length: count }, () => deferred());
    const started: number[] = [];
    afters.forEach(({ promise }, i) => {
      scheduler.spawnNow(() => void started.push(i), { after: promise });
    });
    for (const i of order(count)) afters[i]?.resolve();
    await settled();
    expect(scheduler.pendingCount).toBe(count);
    scheduler.resume();
    await scheduler.idle();
    expect(started).toEqual(Array.from({ length: count }, (__, i) => i));
  });

  it('keep their order when some of them are cancelled', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    scheduler.pause();
    const afters = Array.from({ length: 100 }, () => deferred());
    const started: number[] = [];
    const jobs = afters.map(({ promise }, i) =>
      scheduler.spawnNow(() => void started.push(i), { after: promise }),
    );
    for (let i = 0; i < 100; i++) afters[(i * 37) % 100]?.resolve();
    await settled();
    for (let i = 0; i < 100; i += 3) await jobs[(i * 53) % 100]?.close();
    const left = jobs.flatMap((job, i) => (job.closed ? [] : [i]));
    expect(left).toHaveLength(66);
    expect([...scheduler].map(({ id }) => id - 1)).toEqual(left);
    scheduler.resume();
    await scheduler.idle();
    expect(started).toEqual(left);
  });
});
