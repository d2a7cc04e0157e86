import { type Job, Scheduler } from '@outlive/core';
import { type Deferred, deferred } from '@outlive/test-support/deferred';
import { stubborn } from './support/functions.ts';

/** Six jobs, and what ends each. */
function limited(limit: number): { scheduler: Scheduler; jobs: Job[]; ends: Deferred<void>[] } {
  const scheduler = new Scheduler({ limit });
  const ends = Array.from({ length: 6 }, () => deferred());
  const jobs = ends.map(({ promise }) => scheduler.spawnNow(() => promise));
  return { scheduler, jobs, ends };
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
