import { type Job, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { stubborn } from './support/functions.ts';
import { names } from './support/names.ts';

/** One job of each kind: closing, active, pending and blocked. */
function crowd(): { scheduler: Scheduler; jobs: Job[] } {
  const scheduler = new Scheduler({ limit: 2 });
  const jobs = [
    scheduler.spawnNow(stubborn, { name: 'blocked', after: stubborn() }),
    scheduler.spawnNow(stubborn, { name: 'closing' }),
    scheduler.spawnNow(stubborn, { name: 'active' }),
    scheduler.spawnNow(stubborn, { name: 'pending' }),
    scheduler.spawnNow(stubborn, { name: 'urgent', priority: 1 }),
  ];
  void jobs[1]?.close({ timeout: Infinity });
  return { scheduler, jobs };
}

describe('a scheduler', () => {
  it('counts its live jobs, shields not included', () => {
    const { scheduler } = crowd();
    void scheduler.shield(stubborn);
    expect([scheduler.size, scheduler.activeCount, scheduler.pendingCount]).toEqual([5, 2, 3]);
  });

  it('gives its live jobs, oldest first', () => {
    const { scheduler, jobs } = crowd();
    expect([...scheduler]).toEqual(jobs);
  });

  it('gives them as they are at the call', async () => {
    const { scheduler } = crowd();
    const seen: (string | undefined)[] = [];
    for (const job of scheduler) {
      seen.push(job.name);
      if (job.pending) await job.close();
      scheduler.spawnNow(stubborn, { name: 'new' });
    }
    expect(seen).toEqual(['blocked', 'closing', 'active', 'pending', 'urgent']);
    expect(names(scheduler).slice(0, 3)).toEqual(['closing', 'active', 'new']);
  });

  it('has its live jobs, and no others', async () => {
    const { scheduler, jobs } = crowd();
    expect(jobs.map((job) => scheduler.has(job))).toEqual([true, true, true, true, true]);
    expect(new Scheduler().has(jobs[0] as Job)).toBe(false);
    const done = scheduler.spawnNow(stubborn);
    await done.close();
    expect(scheduler.has(done)).toBe(false);
    expect(scheduler.has({} as Job)).toBe(false);
  });
});

describe('an idle scheduler', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('holds no timer, before its first job and after its last', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    expect(jest.getTimerCount()).toBe(0);
    for (let count = 0; count < 3_000; count += 1) {
      scheduler.spawnNow(() => Promise.resolve(), { timeout: 60_000 });
    }
    await scheduler.idle();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('begins to hold one with a drain, and lets go at its end', async () => {
    const scheduler = new Scheduler();
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    expect(jest.getTimerCount()).toBe(0);
    const drain = scheduler.drain({ timeout: Infinity });
    expect(jest.getTimerCount()).toBe(1);
    resolve();
    await drain;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('holds one in the last phase of a close, and none afterwards', async () => {
    const scheduler = new Scheduler({ closeTimeout: 60_000 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const close = scheduler.close();
    expect(jest.getTimerCount()).toBe(1);
    resolve();
    await close;
    expect(jest.getTimerCount()).toBe(0);
  });
});
