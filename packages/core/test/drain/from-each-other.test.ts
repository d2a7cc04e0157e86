import { type DrainReport, type Job, type JobContext, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { ends, patient } from '../support/ends.ts';
import { obedient } from '../support/functions.ts';
import { nothing } from '../support/report.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

const waits = [...ends, 'idle'] as const;
const pairs = waits.flatMap((one) => waits.map((other) => [one, other] as const));

/** Waits, whatever comes of that: close() makes idle() reject. */
async function wait(
  scheduler: Scheduler,
  how: (typeof waits)[number],
  from: JobContext,
): Promise<void> {
  try {
    await scheduler[how]({ from });
  } catch {
    // The scheduler is closed.
  }
}

describe.each(pairs)('a job that waits for %s() and one that waits for %s()', (one, other) => {
  it('do not wait for each other', async () => {
    const { scheduler, told } = listeningScheduler(patient);
    const jobs = [one, other].map((end) =>
      scheduler.spawnNow(async (self) => {
        await nextTurn();
        await wait(scheduler, end, self);
      }),
    );
    await Promise.all(jobs.map((job) => job.wait()));
    expect(scheduler.size).toBe(0);
    expect(told).toEqual([]);
  });

  it('release each other as soon as both wait, whatever the other does then', async () => {
    // A closed scheduler refuses the call: then the other does not wait.
    if (one === 'close' && other === 'idle') return;
    const { scheduler } = listeningScheduler(patient);
    const go = deferred();
    const second: Job = scheduler.spawnNow(async (self) => {
      await go.promise;
      await wait(scheduler, other, self);
      await first.wait();
    });
    const first = scheduler.spawnNow((self) => wait(scheduler, one, self));
    await settled();
    go.resolve();
    await second.wait();
    expect(first.outcome).toBe('completed');
  });

  it('do not wait for each other, whatever lies between their calls', async () => {
    const scheduler = new Scheduler(patient);
    const third = deferred();
    scheduler.spawnNow(() => third.promise);
    const go = deferred();
    const second = scheduler.spawnNow(async (self) => {
      await go.promise;
      await wait(scheduler, other, self);
    });
    const first = scheduler.spawnNow((self) => wait(scheduler, one, self));
    await settled();
    go.resolve();
    await settled();
    expect(second.closed && first.closed).toBe(false);
    third.resolve();
    await Promise.all([first.wait(), second.wait()]);
    expect(scheduler.size).toBe(0);
  });
});

describe.each([
  ['close', 'close'],
  ['close', 'waitAndClose'],
  ['close', 'drain'],
  ['waitAndClose', 'close'],
  ['waitAndClose', 'waitAndClose'],
  ['waitAndClose', 'drain'],
  ['drain', 'close'],
  ['drain', 'waitAndClose'],
  ['drain', 'drain'],
] as const)('%s() of a job', (one, other) => {
  it(`is not held by a job that, cancelled by it, waits for ${other}()`, async () => {
    const scheduler = new Scheduler(patient);
    const cancelled = scheduler.spawnNow(async (self) => {
      await obedient(self).catch(() => {});
      await scheduler[other]({ from: self });
    });
    const job = scheduler.spawnNow(async (self) => {
      await nextTurn();
      await scheduler[one]({ timeout: 0, from: self });
    });
    await Promise.all([job.wait(), cancelled.wait()]);
    expect(scheduler.size).toBe(0);
  });
});

describe('a second call', () => {
  it.each(['close', 'waitAndClose'] as const)(
    '%s({ from }) that joins a close() from outside leaves its job out of that, which resolves',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const job = scheduler.spawnNow(async (self) => {
        await obedient(self).catch(() => {});
        return scheduler[end]({ from: self });
      });
      const report = await scheduler.close();
      expect(report).toEqual(nothing);
      expect(await job.wait()).toBe(report);
    },
  );

  it.each([
    ['waitAndClose', 'waitAndClose'],
    ['waitAndClose', 'close'],
    ['close', 'waitAndClose'],
    ['close', 'close'],
  ] as const)('joins the first with a `from` of its own: %s(), %s()', async (one, other) => {
    const scheduler = new Scheduler(patient);
    const work = deferred();
    const listed = scheduler.spawnNow(() => work.promise);
    const go = deferred();
    const jobs = [one, other].map((end) =>
      scheduler.spawnNow(async (self): Promise<DrainReport> => {
        await go.promise;
        return scheduler[end]({ from: self });
      }),
    );
    go.resolve();
    await settled();
    const outside = scheduler[other]();
    await settled();
    expect(jobs.some((job) => job.closed)).toBe(false);
    work.resolve();
    const report = await outside;
    expect(report).toEqual({ ...nothing, completed: 1 });
    for (const job of jobs) expect(await job.wait()).toBe(report);
    expect(listed.outcome).toBe('completed');
  });

  it('frees the first of waiting for its job', async () => {
    const scheduler = new Scheduler(patient);
    const go = deferred();
    const late = scheduler.spawnNow(async (self) => {
      await go.promise;
      return scheduler.waitAndClose({ from: self });
    });
    const first = scheduler.spawnNow((self) => scheduler.waitAndClose({ from: self }));
    await settled();
    go.resolve();
    expect(await first.wait()).toEqual(nothing);
    expect(await late.wait()).toEqual(nothing);
  });

  it.each(['close', 'waitAndClose', 'drain'] as const)(
    '%s({ from }) of a cancelled job that ends then holds nothing up',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const work = deferred();
      void scheduler.shield(work.promise);
      scheduler.spawnNow(async (self) => {
        await obedient(self).catch(() => {});
        void scheduler[end]({ from: self });
      });
      const closed = scheduler.close();
      await settled();
      work.resolve();
      expect(await closed).toEqual(nothing);
    },
  );

  it('drain({ from }) of a scheduler that closes joins the close', async () => {
    const scheduler = new Scheduler(patient);
    const other = deferred();
    scheduler.spawnNow(() => other.promise);
    const job = scheduler.spawnNow(async (self) => {
      await obedient(self).catch(() => {});
      return scheduler.drain({ from: self });
    });
    const closed = scheduler.close();
    await settled();
    other.resolve();
    const report = await closed;
    expect(report).toEqual({ ...nothing, completed: 1 });
    expect(await job.wait()).toBe(report);
  });
});

describe('a chain of jobs that all wait', () => {
  it.each(ends)('ends where each says so: %s()', async (end) => {
    const scheduler = new Scheduler({ ...patient, limit: 100 });
    const jobs: Job[] = [];
    let links = 1;
    const link = async (self: JobContext): Promise<void> => {
      links += 1;
      if (links <= 50) jobs.push(scheduler.spawnNow(link));
      await nextTurn();
      await scheduler[end]({ from: self });
    };
    jobs.push(scheduler.spawnNow(link));
    await Promise.all(jobs.map((job) => job.wait()));
    expect(scheduler.size).toBe(0);
    expect(jobs).toHaveLength(50);
  });
});
