import * as fc from 'fast-check';
import { type Job, type Rate, Scheduler } from '@outlive/core';
import { poolOf } from '@outlive/core/internal';
import { deferred } from '@outlive/test-support/deferred';
import { stubborn } from '../support/functions.ts';
import { names } from '../support/names.ts';
import { fakeTimers } from '../support/timers.ts';

/** A scheduler, and the times at which its functions began. */
function rated(rate: Rate, options?: { limit?: number; pendingLimit?: number }) {
  const scheduler = new Scheduler({ rate, ...options });
  const starts: number[] = [];
  const named: unknown[] = [];
  const spawn = (name?: string, priority?: number): Job =>
    scheduler.spawnNow(
      () => {
        starts.push(performance.now());
        named.push(name);
      },
      { name, priority },
    );
  return { scheduler, starts, named, spawn };
}

function advance(by: number): Promise<void> {
  return jest.advanceTimersByTimeAsync(by);
}

/** ms between each start and the one so many before it. */
function gaps(distance: number, starts: readonly number[]): number[] {
  return starts.slice(distance).map((at, index) => at - (starts[index] as number));
}

/** The most starts that any window of `per` ms has, wherever it begins. */
function mostIn(per: number, starts: readonly number[]): number {
  const counts = starts.map((from) => starts.filter((at) => at >= from && at < from + per).length);
  return Math.max(0, ...counts);
}

describe('a start rate', () => {
  beforeEach(() => {
    fakeTimers();
    jest.setSystemTime(1_000_000);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('lets `starts` functions start at once, and the next when the first is `per` ms old, to the ms', async () => {
    const { starts, spawn } = rated({ starts: 2, per: 1_000 });
    const begin = performance.now();
    for (let count = 0; count < 5; count += 1) spawn();
    expect(starts).toEqual([begin, begin]);
    await advance(999);
    expect(starts).toHaveLength(2);
    await advance(1);
    expect(starts).toHaveLength(4);
    await advance(1_000);
    expect(starts.map((at) => at - begin)).toEqual([0, 0, 1_000, 1_000, 2_000]);
  });

  it('is a window that slides: not one that begins anew each `per` ms', async () => {
    const { starts, spawn } = rated({ starts: 2, per: 1_000 });
    const begin = performance.now();
    spawn();
    await advance(900);
    for (let count = 0; count < 4; count += 1) spawn();
    await advance(3_000);
    expect(starts.map((at) => at - begin)).toEqual([0, 900, 1_000, 1_900, 2_000]);
  });

  it('holds jobs back as pending ones, without a slot', async () => {
    const { scheduler, spawn } = rated({ starts: 1, per: 1_000 });
    spawn();
    const job = spawn('held back');
    expect([job.state, scheduler.activeCount, scheduler.pendingCount]).toEqual(['pending', 0, 1]);
    await job.close();
    expect([job.outcome, scheduler.size]).toEqual(['cancelled', 0]);
  });

  it('keeps the order of spawning, and priorities', async () => {
    const { named, spawn } = rated({ starts: 1, per: 10 });
    for (const name of ['first', 'second', 'third']) spawn(name);
    spawn('important', 1);
    await advance(30);
    expect(named).toEqual(['first', 'important', 'second', 'third']);
  });

  it('counts for the pending limit, and lets spawn() wait for room', async () => {
    const { scheduler, spawn, starts } = rated({ starts: 1, per: 1_000 }, { pendingLimit: 0 });
    spawn();
    expect(() => spawn()).toThrow(expect.objectContaining({ code: 'ERR_PENDING_LIMIT' }));
    expect(jest.getTimerCount()).toBe(0);
    const spawned = scheduler.spawn(() => starts.push(performance.now()));
    await advance(1_000);
    await (await spawned).wait();
    expect(gaps(1, starts)).toEqual([1_000]);
  });

  it('stands beside the limit: what the one lets through the other may hold back', async () => {
    const rate = { starts: 2, per: 1_000 };
    const scheduler = new Scheduler({ limit: 1, rate, stallTimeout: Infinity });
    const end = deferred();
    scheduler.spawnNow(() => end.promise);
    const jobs = [1, 2].map(() => scheduler.spawnNow(() => {}));
    expect(jest.getTimerCount()).toBe(0);
    end.resolve();
    await advance(0);
    expect(jobs.map(({ state }) => state)).toEqual(['closed', 'pending']);
    await advance(1_000);
    expect(scheduler.size).toBe(0);
  });

  it('holds no shield back', () => {
    const { scheduler, spawn } = rated({ starts: 1, per: 1_000 });
    spawn();
    const fn = jest.fn();
    void scheduler.shield(fn);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('has one timer, and only while it alone holds a job back', async () => {
    const { scheduler, spawn } = rated({ starts: 1, per: 1_000 });
    expect(jest.getTimerCount()).toBe(0);
    spawn();
    expect(jest.getTimerCount()).toBe(0);
    const jobs = [spawn(), spawn()];
    expect(jest.getTimerCount()).toBe(1);
    scheduler.pause();
    expect(jest.getTimerCount()).toBe(0);
    scheduler.resume();
    expect(jest.getTimerCount()).toBe(1);
    for (const job of jobs) void job.close();
    expect(jest.getTimerCount()).toBe(0);
    spawn();
    await advance(1_000);
    expect([scheduler.size, jest.getTimerCount()]).toEqual([0, 0]);
  });

  it('holds after a pause: what has collected does not start all at once', async () => {
    const { scheduler, starts, spawn } = rated({ starts: 2, per: 1_000 });
    spawn();
    scheduler.pause();
    for (let count = 0; count < 5; count += 1) spawn();
    await advance(10_000);
    expect(starts).toHaveLength(1);
    scheduler.resume();
    expect(starts).toHaveLength(3);
    await advance(2_000);
    expect(mostIn(1_000, starts)).toBe(2);
    expect(starts).toHaveLength(6);
  });

  it.each([-3_600_000, 3_600_000])('goes by no time of day: one set by %d ms', async (by) => {
    const { starts, spawn } = rated({ starts: 1, per: 1_000 });
    const begin = performance.now();
    for (let count = 0; count < 3; count += 1) spawn();
    jest.setSystemTime(1_000_000 + by);
    await advance(999);
    expect(starts).toHaveLength(1);
    await advance(1_001);
    expect(starts.map((at) => at - begin)).toEqual([0, 1_000, 2_000]);
  });

  it('is not hurried by a long call, nor held up by more than the ms that a call may begin late', async () => {
    const scheduler = new Scheduler({ rate: { starts: 1, per: 20 } });
    const starts: number[] = [];
    const long = (): Promise<never> => {
      starts.push(performance.now());
      jest.advanceTimersByTime(10);
      return stubborn();
    };
    for (let count = 0; count < 3; count += 1) scheduler.spawnNow(long);
    await advance(100);
    expect(gaps(1, starts)).toEqual([21, 21]);
  });

  it('may be longer than a timer of Node can wait', async () => {
    const per = 2 ** 32;
    const { starts, spawn } = rated({ starts: 1, per });
    for (let count = 0; count < 2; count += 1) spawn();
    await advance(per - 1);
    expect(starts).toHaveLength(1);
    await advance(1);
    expect(starts).toHaveLength(2);
  });

  it('bounds a job that spawns the next', async () => {
    const scheduler = new Scheduler({ rate: { starts: 3, per: 100 } });
    let starts = 0;
    const chain = (): void => {
      starts += 1;
      if (starts < 1_000) scheduler.spawnNow(chain);
    };
    scheduler.spawnNow(chain);
    await advance(1_000);
    expect(starts).toBe(3 * 11);
    await scheduler.close();
  });

  it('goes on in a drain, whose report says what never started', async () => {
    const { scheduler, named, spawn } = rated({ starts: 1, per: 100 });
    for (const name of ['a', 'b', 'c', 'd']) spawn(name);
    const drained = scheduler.drain({ timeout: 250 });
    await advance(250);
    const { completed, neverStarted } = await drained;
    expect([completed, names(neverStarted), named]).toEqual([2, ['d'], ['a', 'b', 'c']]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is cut short by close(), which leaves no timer', async () => {
    const { scheduler, named, spawn } = rated({ starts: 1, per: 60_000 });
    for (const name of ['a', 'b']) spawn(name);
    const { neverStarted } = await scheduler.close();
    expect(names(neverStarted)).toEqual(['b']);
    expect(jest.getTimerCount()).toBe(0);
    await advance(60_000);
    expect(named).toEqual(['a']);
  });

  it('starts no job whose signal has aborted meanwhile, and spends no start on it', async () => {
    const { scheduler, spawn, named } = rated({ starts: 1, per: 100 });
    const controller = new AbortController();
    spawn('first');
    const aborted = scheduler.spawnNow(() => {}, { signal: controller.signal });
    spawn('second');
    controller.abort();
    await advance(100);
    expect([aborted.outcome, named]).toEqual(['cancelled', ['first', 'second']]);
  });

  it('gives each function the async context of its spawn()', async () => {
    const { AsyncLocalStorage } = await import('node:async_hooks');
    const storage = new AsyncLocalStorage<number>();
    const scheduler = new Scheduler({ rate: { starts: 1, per: 10 } });
    const seen: unknown[] = [];
    for (let id = 0; id < 3; id += 1) {
      storage.run(id, () => scheduler.spawnNow(() => seen.push(storage.getStore())));
    }
    await advance(30);
    expect(seen).toEqual([0, 1, 2]);
  });

  it('keeps the process alive while it holds jobs back', () => {
    const armed = jest.spyOn(globalThis, 'setTimeout');
    const { spawn } = rated({ starts: 1, per: 10 });
    spawn();
    spawn();
    expect(armed.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([
      true,
    ]);
    armed.mockRestore();
  });

  it.each([
    ['timers that replace no `performance`', { doNotFake: ['performance'] as const }],
    ['timers without a clock', { doNotFake: ['performance', 'Date'] as const }],
  ])('is driven by fake %s', async (_, { doNotFake }) => {
    jest.useRealTimers();
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', ...doNotFake] });
    const { starts, spawn } = rated({ starts: 1, per: 60_000 });
    for (let count = 0; count < 3; count += 1) spawn();
    await advance(59_000);
    expect(starts).toHaveLength(1);
    await advance(1_000);
    expect(starts).toHaveLength(2);
    await advance(60_000);
    expect(starts).toHaveLength(3);
  });

  describe('set at run time', () => {
    it('is read back, and undefined for none', () => {
      const scheduler = new Scheduler();
      expect(scheduler.rate).toBeUndefined();
      scheduler.rate = { starts: 3, per: 10 };
      expect(scheduler.rate).toEqual({ starts: 3, per: 10 });
      scheduler.rate = { starts: Infinity, per: 10 };
      expect(scheduler.rate).toBeUndefined();
      scheduler.rate = { starts: 3, per: 10 };
      scheduler.rate = undefined;
      expect(scheduler.rate).toBeUndefined();
    });

    it('starts at once what may start now', () => {
      const { scheduler, starts, spawn } = rated({ starts: 1, per: 1_000 });
      for (let count = 0; count < 6; count += 1) spawn();
      scheduler.rate = { starts: 3, per: 1_000 };
      expect(starts).toHaveLength(3);
      scheduler.rate = undefined;
      expect(starts).toHaveLength(6);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('counts the starts that there were', async () => {
      const { scheduler, starts, spawn } = rated({ starts: 5, per: 1_000 });
      for (let count = 0; count < 4; count += 1) spawn();
      scheduler.rate = { starts: 2, per: 500 };
      for (let count = 0; count < 2; count += 1) spawn();
      await advance(499);
      expect(starts).toHaveLength(4);
      await advance(1);
      expect(starts).toHaveLength(6);
    });
  });

  describe('for whoever asks for free slots', () => {
    it('is counted, less the jobs that wait', async () => {
      const { scheduler, spawn } = rated({ starts: 3, per: 1_000 }, { limit: 2 });
      const pool = poolOf(scheduler);
      expect(pool.slots.free()).toBe(2);
      for (let count = 0; count < 2; count += 1) spawn();
      expect(pool.slots.free()).toBe(1);
      for (let count = 0; count < 2; count += 1) spawn();
      expect(pool.slots.free()).toBe(0);
      await advance(1_000);
      expect(pool.slots.free()).toBe(2);
    });

    it('reports when a start is allowed again, though no job is pending', async () => {
      const { scheduler, spawn } = rated({ starts: 1, per: 1_000 });
      const pool = poolOf(scheduler);
      const listener = jest.fn();
      spawn();
      pool.onFreeSlot = listener;
      expect(pool.slots.free()).toBe(0);
      await advance(999);
      expect(listener).not.toHaveBeenCalled();
      await advance(1);
      expect(listener).toHaveBeenCalled();
      expect(pool.slots.free()).toBe(1);
    });
  });

  it('never has more starts in any window, whatever is done and whenever', async () => {
    const steps = fc.array(
      fc.oneof(
        { arbitrary: fc.record({ spawn: fc.integer({ min: 1, max: 8 }) }), weight: 5 },
        { arbitrary: fc.record({ advance: fc.integer({ min: 1, max: 60 }) }), weight: 6 },
        { arbitrary: fc.constantFrom({ pause: true }, { pause: false }), weight: 1 },
        { arbitrary: fc.record({ limit: fc.constantFrom(1, 2, 100) }), weight: 1 },
        { arbitrary: fc.record({ timeOfDay: fc.integer({ min: 0, max: 1e9 }) }), weight: 1 },
        { arbitrary: fc.record({ cancel: fc.nat(20) }), weight: 1 },
      ),
      { minLength: 20, maxLength: 60, size: 'max' },
    );
    const rates = fc.record({
      starts: fc.integer({ min: 1, max: 40 }),
      per: fc.integer({ min: 1, max: 100 }),
    });
    await fc.assert(
      fc.asyncProperty(rates, steps, async (rate, sequence) => {
        const { scheduler, starts, spawn } = rated(rate);
        let paused = false;
        for (const step of sequence) {
          if ('spawn' in step) for (let count = 0; count < step.spawn; count += 1) spawn();
          else if ('advance' in step) await advance(step.advance);
          else if ('limit' in step) scheduler.limit = step.limit;
          else if ('timeOfDay' in step) jest.setSystemTime(step.timeOfDay);
          else if ('cancel' in step) void [...scheduler][step.cancel]?.close();
          else {
            paused = step.pause;
            if (step.pause) scheduler.pause();
            else scheduler.resume();
          }
          const now = performance.now();
          // Nothing waits that might have started: the window that ends now is full.
          const inWindow = starts.filter((at) => at > now - rate.per).length;
          const waits = !paused && scheduler.pendingCount > 0;
          expect([waits, inWindow]).toEqual([waits, waits ? rate.starts : inWindow]);
        }
        expect(mostIn(rate.per, starts)).toBeLessThanOrEqual(rate.starts);
        await scheduler.close();
        expect(jest.getTimerCount()).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a start rate on the real clock', () => {
  it('has no window with more starts, as the functions see it', async () => {
    const rate = { starts: 2, per: 10 };
    const tooShort: number[][] = [];
    // A busy machine may stop the process between our look at the clock and that of a function, but not each time.
    for (let time = 0; time < 20 && tooShort.length === time; time += 1) {
      const { scheduler, starts, spawn } = rated(rate);
      for (let count = 0; count < 20; count += 1) spawn();
      await scheduler.idle();
      const gone = gaps(rate.starts, starts).filter((gap) => gap < rate.per);
      if (gone.length > 0) tooShort.push(gone);
    }
    expect(tooShort.length).toBeLessThan(20);
  });
});
