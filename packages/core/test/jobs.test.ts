import { type Job, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { obedient, stubborn } from './support/functions.ts';
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

describe('the state of a job', () => {
  it('is pending, active, then closed', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const ends = [deferred(), deferred()] as const;
    const first = scheduler.spawnNow(() => ends[0].promise);
    const job = scheduler.spawnNow(() => ends[1].promise);
    expect(job).toMatchObject({ state: 'pending', pending: true, active: false, closed: false });
    ends[0].resolve();
    await first.wait();
    expect(job).toMatchObject({ state: 'active', pending: false, active: true, closed: false });
    expect(job.outcome).toBeUndefined();
    ends[1].resolve();
    await job.wait();
    expect(job).toMatchObject({ state: 'closed', pending: false, active: false, closed: true });
    expect(job.outcome).toBe('completed');
  });

  it('is closing while a cancelled function has not settled', async () => {
    const job = new Scheduler().spawnNow(obedient);
    const close = job.close();
    expect(job).toMatchObject({ state: 'closing', active: true, closed: false });
    await close;
    expect(job).toMatchObject({ state: 'closed', outcome: 'cancelled' });
  });
});

describe('a job', () => {
  it('has an id that grows, in its own scheduler', () => {
    for (const scheduler of [new Scheduler({ limit: 1 }), new Scheduler()]) {
      const jobs = [stubborn, stubborn, stubborn].map((fn) => scheduler.spawnNow(fn));
      expect(jobs.map((job) => job.id)).toEqual([1, 2, 3]);
    }
  });

  it('has a name that may be changed', () => {
    const job = new Scheduler().spawnNow(stubborn, { name: 'mail' });
    expect(job.name).toBe('mail');
    job.name = 'mail to Ann';
    expect(job.name).toBe('mail to Ann');
    expect(new Scheduler().spawnNow(stubborn).name).toBeUndefined();
  });

  it('has one signal', () => {
    const job = new Scheduler().spawnNow(stubborn);
    expect(job.signal).toBe(job.signal);
    expect(job.signal).toBeInstanceOf(AbortSignal);
  });

  it('has an aborted signal if it is first read after the cancellation', () => {
    const job = new Scheduler().spawnNow(stubborn);
    const reason = new Error('not needed');
    void job.close({ reason, timeout: Infinity });
    expect(job.signal.aborted).toBe(true);
    expect(job.signal.reason).toBe(reason);
  });
});

describe('spawnedAt and startedAt', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });

  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('are the times of both, in epoch milliseconds', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const job = scheduler.spawnNow(stubborn);
    expect(job).toMatchObject({ spawnedAt: 1_000, startedAt: undefined });
    jest.advanceTimersByTime(500);
    resolve();
    await nextTurn();
    expect(job).toMatchObject({ spawnedAt: 1_000, startedAt: 1_500 });
  });

  it('are one clock read when the job starts at once', () => {
    const now = jest.spyOn(Date, 'now');
    const job = new Scheduler().spawnNow(stubborn);
    expect(now).toHaveBeenCalledTimes(1);
    expect(job.spawnedAt).toBe(job.startedAt);
  });

  it('count from the admission of a spawn() that waited for room', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const spawn = scheduler.spawn(stubborn);
    jest.advanceTimersByTime(500);
    resolve();
    expect(await spawn).toMatchObject({ spawnedAt: 1_500, startedAt: 1_500 });
  });
});

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
