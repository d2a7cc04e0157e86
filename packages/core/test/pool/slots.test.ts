import { type ExceptionContext, type Job, JobTimeoutError, Scheduler } from '@outlive/core';
import { type Deferred, deferred } from '@outlive/test-support/deferred';
import { obedient, stubborn } from '../support/functions.ts';
import { names } from '../support/names.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

/** Six jobs, and what ends each. */
function limited(limit: number): { scheduler: Scheduler; jobs: Job[]; ends: Deferred<void>[] } {
  const scheduler = new Scheduler({ limit });
  const ends = Array.from({ length: 6 }, () => deferred());
  const jobs = ends.map(({ promise }) => scheduler.spawnNow(() => promise));
  return { scheduler, jobs, ends };
}

/** A job that ignores its cancellation, and one that waits for its slot. */
function crowded(timeout?: number): {
  scheduler: Scheduler;
  told: ExceptionContext[];
  running: Job;
  next: Job;
  end: Deferred<void>;
} {
  const { scheduler, told } = listeningScheduler({ limit: 1, closeTimeout: 0 });
  const end = deferred();
  const running = scheduler.spawnNow(() => end.promise, { name: 'running', timeout });
  const next = scheduler.spawnNow(stubborn, { name: 'next' });
  return { scheduler, told, running, next, end };
}

async function expectReleasedAtTheEnd({
  scheduler,
  running,
  next,
  end,
}: ReturnType<typeof crowded>): Promise<void> {
  await settled();
  expect(running.state).toBe('closing');
  expect(next.state).toBe('pending');
  expect(scheduler.activeCount).toBe(1);
  expect(scheduler.has(running)).toBe(true);
  end.resolve();
  await running.wait();
  expect(next.state).toBe('active');
  expect(scheduler.activeCount).toBe(1);
}

describe('scheduler.limit', () => {
  it('is 100 unless another is given', () => {
    expect(new Scheduler().limit).toBe(100);
    expect(new Scheduler({ limit: 7 }).limit).toBe(7);
  });

  it('starts pending jobs at once when it is raised', () => {
    const { scheduler, jobs } = limited(1);
    scheduler.limit = 4;
    expect(scheduler.limit).toBe(4);
    expect(jobs.map((job) => job.state === 'active')).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    scheduler.limit = Infinity;
    expect(scheduler.activeCount).toBe(6);
  });

  it('starts thousands at once when it is raised', () => {
    const scheduler = new Scheduler({ limit: 1 });
    for (let count = 0; count < 5_000; count += 1) scheduler.spawnNow(stubborn);
    scheduler.limit = 5_000;
    expect(scheduler.activeCount).toBe(5_000);
  });

  it('stops no job when it is lowered, and starts none until few enough run', async () => {
    const { scheduler, jobs, ends } = limited(4);
    scheduler.limit = 2;
    expect(scheduler.activeCount).toBe(4);
    for (const [index, active] of [3, 2, 2, 2].entries()) {
      ends[index]?.resolve();
      await jobs[index]?.wait();
      expect(scheduler.activeCount).toBe(active);
    }
    expect(jobs.map((job) => job.signal.aborted)).not.toContain(true);
  });

  it.each([0, -1, 1.5, NaN, '2', null])('refuses %p and changes nothing', (limit) => {
    const scheduler = new Scheduler({ limit: 3 });
    expect(() => {
      scheduler.limit = limit as number;
    }).toThrow(/`limit` to be a whole number from 1/);
    expect(scheduler.limit).toBe(3);
  });
});

describe('a slot', () => {
  it('is not released by job.close()', async () => {
    const jobs = crowded();
    await expect(jobs.running.close()).rejects.toThrow(JobTimeoutError);
    await expectReleasedAtTheEnd(jobs);
  });

  it('is not released by the timeout of the job', async () => {
    const jobs = crowded(0);
    const { signal } = jobs.running;
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    expect(signal.reason).toBeInstanceOf(JobTimeoutError);
    await expectReleasedAtTheEnd(jobs);
  });

  it('is not released by the abort phase of a drain', async () => {
    const { scheduler, told, running, next } = crowded();
    const { abandoned } = await scheduler.drain({ timeout: 0 });
    expect(told).toMatchObject([{ message: 'Job closing timed out', job: running }]);
    expect(abandoned).toEqual([running]);
    expect(scheduler.activeCount).toBe(1);
    const late = scheduler.spawnNow(stubborn);
    expect(late.state).toBe('pending');
    expect(next.outcome).toBe('cancelled');
  });

  it('is not given to a pending job when another pending one is cancelled', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const started: string[] = [];
    const [, b, c] = ['a', 'b', 'c'].map((name) =>
      scheduler.spawnNow(
        () => {
          started.push(name);
          return stubborn();
        },
        { name },
      ),
    );
    await c?.close();
    expect(names(scheduler)).toEqual(['a', 'b']);
    await b?.close();
    expect(names(scheduler)).toEqual(['a']);
    expect(started).toEqual(['a']);
    expect([scheduler.activeCount, scheduler.pendingCount]).toEqual([1, 0]);
  });

  it('goes to the next after a running and a pending job were cancelled in one turn', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const closes = [obedient, obedient]
      .map((fn) => scheduler.spawnNow(fn))
      .map((job) => job.close());
    const next = scheduler.spawnNow(() => 'next');
    await Promise.all(closes);
    expect(await next.wait()).toBe('next');
  });

  it('is kept by a `spawn()` that a drain refuses, as it never had one', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 1 });
    scheduler.spawnNow(stubborn, { after: stubborn(), name: 'blocked' });
    const refused = jest.fn();
    const waiting = [
      scheduler.spawn(refused, { after: stubborn() }),
      scheduler.spawn(refused),
      scheduler.spawn(refused),
    ];
    const drain = scheduler.drain({ timeout: 0 });
    for (const spawn of waiting) {
      await expect(spawn).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    }
    expect(names((await drain).neverStarted)).toEqual(['blocked']);
    expect(refused).not.toHaveBeenCalled();
    expect(scheduler.size).toBe(0);
    expect(scheduler.spawnNow(() => 'goes on').outcome).toBe('completed');
  });
});
