import { type DrainReport, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { obedient } from '../support/functions.ts';
import { nothing } from '../support/report.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

// Without a time limit anywhere: whoever waits for himself would wait for ever.
describe('from inside a job', () => {
  const patient = { closeTimeout: Infinity, waitTimeout: Infinity };

  it.each(['drain', 'waitAndClose', 'close'] as const)(
    '%s() does not wait for that job, nor list it',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const job = scheduler.spawnNow(async () => {
        await nextTurn();
        return scheduler[end]();
      });
      expect(await job.wait()).toEqual(nothing);
      expect(job.outcome).toBe('completed');
    },
  );

  it.each(['drain', 'waitAndClose', 'close'] as const)(
    '%s() leaves the job out also when it ends before the call is over',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const work = deferred();
      scheduler.spawnNow(() => work.promise);
      const ended = deferred<DrainReport>();
      const job = scheduler.spawnNow(async () => {
        await nextTurn();
        void scheduler[end]().then(ended.resolve);
      });
      await job.wait();
      work.resolve();
      expect(await ended.promise).toEqual({ ...nothing, completed: 1 });
    },
  );

  it('close() aborts its signal', async () => {
    const scheduler = new Scheduler(patient);
    const job = scheduler.spawnNow(async ({ signal }) => {
      await scheduler.close();
      return signal.aborted;
    });
    expect(await job.wait()).toBe(true);
  });

  it('drain() does not abort its signal', async () => {
    const scheduler = new Scheduler(patient);
    const job = scheduler.spawnNow(async ({ signal }) => {
      await scheduler.drain({ timeout: 0 });
      return signal.aborted;
    });
    expect(await job.wait()).toBe(false);
  });

  it.each(['drain', 'waitAndClose', 'close'] as const)(
    '%s() waits for, and lists, the other jobs',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const other = scheduler.spawnNow(obedient);
      const job = scheduler.spawnNow(() => scheduler[end]({ timeout: 1 }));
      expect(await job.wait()).toEqual({ ...nothing, cancelled: [other] });
    },
  );

  it.each([
    ['drain', 'drain'],
    ['waitAndClose', 'waitAndClose'],
    ['close', 'close'],
    ['drain', 'close'],
    ['close', 'drain'],
    ['waitAndClose', 'close'],
    ['close', 'waitAndClose'],
    ['drain', 'waitAndClose'],
  ] as const)('%s() in one and %s() in another do not wait for each other', async (one, other) => {
    const { scheduler, told } = listeningScheduler(patient);
    const jobs = [one, other].map((end) =>
      scheduler.spawnNow(async () => {
        await nextTurn();
        await scheduler[end]();
      }),
    );
    await Promise.all(jobs.map((job) => job.wait()));
    expect(scheduler.size).toBe(0);
    expect(told).toEqual([]);
  });

  it.each([
    ['close', 'close'],
    ['close', 'waitAndClose'],
    ['close', 'drain'],
    ['waitAndClose', 'close'],
    ['waitAndClose', 'waitAndClose'],
    ['drain', 'close'],
    ['drain', 'waitAndClose'],
    ['drain', 'drain'],
  ] as const)('%s() is not held by a job that, cancelled by it, calls %s()', async (one, other) => {
    const scheduler = new Scheduler(patient);
    const cancelled = scheduler.spawnNow(async (job) => {
      await obedient(job).catch(() => {});
      await scheduler[other]();
    });
    const job = scheduler.spawnNow(async () => {
      await nextTurn();
      await scheduler[one]({ timeout: 0 });
    });
    await Promise.all([job.wait(), cancelled.wait()]);
    expect(scheduler.size).toBe(0);
  });

  it.each(['close', 'waitAndClose'] as const)(
    'a call that joins a close() from outside resolves, and so does that: %s()',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const job = scheduler.spawnNow(async (self) => {
        await obedient(self).catch(() => {});
        return scheduler[end]();
      });
      const report = await scheduler.close();
      expect(report).toEqual(nothing);
      expect(await job.wait()).toBe(report);
    },
  );

  it.each(['drain', 'waitAndClose', 'close'] as const)(
    '%s() in a shielded function waits neither for that nor for the job around it',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const job = scheduler.spawnNow(() =>
        scheduler.shield(async () => {
          await nextTurn();
          return scheduler[end]();
        }),
      );
      await job.wait().catch(() => {});
      expect(scheduler.size).toBe(0);
      const shielded = new Scheduler(patient);
      let report: DrainReport | undefined;
      await shielded
        .shield(async () => {
          await nextTurn();
          report = await shielded[end]();
        })
        .catch(() => {});
      await settled();
      expect(report).toEqual(nothing);
    },
  );

  it('of another scheduler, that other one is waited for as usual', async () => {
    const [outer, inner] = [new Scheduler(patient), new Scheduler(patient)];
    const work = deferred();
    const job = outer.spawnNow(async () => {
      inner.spawnNow(() => work.promise);
      return inner.close();
    });
    work.resolve();
    expect(await job.wait()).toEqual({ ...nothing, completed: 1 });
    await outer.close();
  });

  it('in work that outlived its job, everything is waited for as from outside', async () => {
    const scheduler = new Scheduler(patient);
    const report = deferred<DrainReport>();
    const over = deferred();
    const work = deferred();
    const job = scheduler.spawnNow(() => {
      void over.promise.then(async () => report.resolve(await scheduler.drain()));
    });
    await job.wait();
    scheduler.spawnNow(() => work.promise);
    over.resolve();
    await settled();
    work.resolve();
    expect(await report.promise).toEqual({ ...nothing, completed: 1 });
  });
});
