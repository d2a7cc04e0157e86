import { type Job, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { fakeTimers } from './support/timers.ts';

// What the documentation of p-queue and bottleneck shows, with the means that docs/limits.md names for it.

function advance(by: number): Promise<void> {
  return jest.advanceTimersByTimeAsync(by);
}

function sleep(ms: number): Promise<number> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, ms);
  });
}

/** Notes when its functions begin, in ms from here. */
function stopwatch() {
  const begin = performance.now();
  const times: number[] = [];
  return { times, note: () => void times.push(performance.now() - begin) };
}

beforeEach(() => {
  fakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('as of p-queue:', () => {
  it('`strict`: two functions at 999 ms let none begin at 1,000 ms', async () => {
    const scheduler = new Scheduler({ rate: { starts: 2, per: 1_000 } });
    const { times, note } = stopwatch();
    await advance(999);
    for (let count = 0; count < 4; count += 1) scheduler.spawnNow(note);
    await advance(1);
    expect(times).toEqual([999, 999]);
    await advance(1_000);
    expect(times).toEqual([999, 999, 1_999, 1_999]);
  });

  it('`autoStart: false`: what was added before start() begins with it, larger priority first', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    scheduler.pause();
    const order: string[] = [];
    for (const [name, priority] of [
      ['a', 1],
      ['b', 0],
      ['c', 1],
      ['d', 2],
    ] as const) {
      scheduler.spawnNow(() => void order.push(name), { priority });
    }
    expect(order).toEqual([]);
    scheduler.resume();
    await scheduler.idle();
    expect(order).toEqual(['d', 'a', 'c', 'b']);
  });

  it('`timeout`: begins when the function does, not while it waits', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const job = scheduler.spawnNow(({ signal }) => signal.aborted, { timeout: 10 });
    await advance(100);
    resolve();
    expect(await job.wait()).toBe(false);
  });

  it('`clear()`: every promise settles', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    const outsider = scheduler.spawnNow(() => promise);
    const group = scheduler.group();
    const waits = [1, 2].map((value) => group.spawnNow(() => value).wait());
    await group.close();
    expect(await Promise.allSettled(waits)).toMatchObject([
      { reason: { code: 'ERR_JOB_CANCELLED' } },
      { reason: { code: 'ERR_JOB_CANCELLED' } },
    ]);
    expect([scheduler.pendingCount, outsider.state]).toEqual([0, 'active']);
    resolve();
    await scheduler.waitAndClose();
  });

  it('`addAll()`: results in the order of the functions, whichever ends first', async () => {
    const scheduler = new Scheduler({ limit: 4 });
    const group = scheduler.group();
    const jobs = [30, 10, 20].map((ms) => group.spawnNow(() => sleep(ms)));
    await advance(30);
    await group.wait();
    expect(await Promise.all(jobs.map((job) => job.wait()))).toEqual([30, 10, 20]);
  });

  it('`onError()` beside `onIdle()`: the first failure is thrown, and ends the rest', async () => {
    const scheduler = new Scheduler({ limit: 2 });
    const group = scheduler.group();
    const ran: number[] = [];
    for (let index = 0; index < 4; index += 1) {
      group.spawnNow(async () => {
        ran.push(index);
        if (index === 1) throw new Error('boom');
      });
    }
    await expect(group.wait()).rejects.toThrow('boom');
    expect(ran.length).toBeLessThan(4);
  });
});

describe('as of bottleneck:', () => {
  it('`minTime: 333`: one start in any 333 ms', async () => {
    const scheduler = new Scheduler({ rate: { starts: 1, per: 333 } });
    const { times, note } = stopwatch();
    for (let count = 0; count < 3; count += 1) scheduler.spawnNow(note);
    await advance(1_000);
    expect(times).toEqual([0, 333, 666]);
  });

  it('`reservoirRefreshInterval`: ten jobs just before a refresh of five are not all run around it', async () => {
    const scheduler = new Scheduler({ rate: { starts: 5, per: 60_000 } });
    const { times, note } = stopwatch();
    await advance(59_999);
    for (let count = 0; count < 10; count += 1) scheduler.spawnNow(note);
    await advance(2);
    expect(times).toHaveLength(5);
    await advance(60_000);
    expect(times).toHaveLength(10);
  });

  it('`updateSettings()`: the new rate and limit hold for what waits already', async () => {
    const scheduler = new Scheduler({ limit: 1, rate: { starts: 1, per: 60_000 } });
    const { times, note } = stopwatch();
    for (let count = 0; count < 4; count += 1) scheduler.spawnNow(note);
    scheduler.limit = 4;
    scheduler.rate = { starts: 2, per: 100 };
    await advance(100);
    expect(times).toEqual([0, 0, 100, 100]);
  });

  it('`on("failed")` that returns 25: tried again after 25 ms, without holding a slot', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { times, note } = stopwatch();
    const retry = { retries: 1, when: () => 25 };
    const job = scheduler.spawnNow(
      ({ attempt }) => {
        note();
        if (attempt === 1) throw new Error('Boom!');
        return 'Success!';
      },
      { retry },
    );
    scheduler.spawnNow(note);
    await advance(25);
    expect(await job.wait()).toBe('Success!');
    expect(times).toEqual([0, 0, 25]);
  });

  it('`on("failed")` that returns 0: tried again at once', async () => {
    const scheduler = new Scheduler();
    const { times, note } = stopwatch();
    const fail = ({ attempt }: { attempt: number }): void => {
      note();
      if (attempt < 3) throw new Error('Boom!');
    };
    await scheduler.spawnNow(fail, { retry: { retries: 5, when: () => 0 } }).wait();
    expect(times).toEqual([0, 0, 0]);
  });

  it('`Group`: the jobs of one key wait for each other, those of others do not', async () => {
    const scheduler = new Scheduler({ perKey: 1 });
    const ends: (() => void)[] = [];
    const order: string[] = [];
    const spawn = (key: string): Job =>
      scheduler.spawnNow(
        () => {
          order.push(key);
          return new Promise<void>((resolve) => ends.push(resolve));
        },
        { key },
      );
    for (const key of ['77.66.54.32', '77.66.54.32', '10.0.0.1']) spawn(key);
    expect(order).toEqual(['77.66.54.32', '10.0.0.1']);
    ends[0]?.();
    await advance(0);
    expect(order).toEqual(['77.66.54.32', '10.0.0.1', '77.66.54.32']);
    for (const end of ends) end();
    await scheduler.waitAndClose();
  });

  it('`chain()`: jobs of two schedulers follow a third one as well', async () => {
    const all = new Scheduler({ rate: { starts: 1, per: 10 } });
    const [one, other] = [new Scheduler({ limit: 1 }), new Scheduler({ limit: 1 })];
    const { times, note } = stopwatch();
    const chained = async (): Promise<void> => {
      const job = await all.spawn(note);
      await job.wait();
    };
    for (const scheduler of [one, other, one, other]) scheduler.spawnNow(chained);
    await advance(30);
    expect(times).toEqual([0, 10, 20, 30]);
  });

  it('`stop()`: drops what waits; with `dropWaitingJobs: false` it runs first', async () => {
    for (const drops of [true, false]) {
      const scheduler = new Scheduler({ limit: 1 });
      const { promise, resolve } = deferred();
      scheduler.spawnNow(() => promise);
      const waiting = scheduler.spawnNow(() => {});
      const stopped = drops ? scheduler.close() : scheduler.waitAndClose({ timeout: Infinity });
      resolve();
      const report = await stopped;
      expect(report.neverStarted).toEqual(drops ? [waiting] : []);
      expect(waiting.outcome).toBe(drops ? 'cancelled' : 'completed');
      await expect(scheduler.spawn(() => {})).rejects.toThrow('closed');
    }
  });
});
