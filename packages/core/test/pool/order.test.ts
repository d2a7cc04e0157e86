import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { stubborn } from '../support/functions.ts';
import { settled } from '../support/settled.ts';

/** A scheduler whose only slot is taken, and the order in which its other jobs start. */
function busy(options?: { pendingLimit?: number }): {
  scheduler: Scheduler;
  started: (string | number)[];
  starting: (name: string | number) => () => void;
  free: () => Promise<void>;
} {
  const scheduler = new Scheduler({ limit: 1, pendingLimit: 1_000, ...options });
  const started: (string | number)[] = [];
  const { promise, resolve } = deferred();
  scheduler.spawnNow(() => promise);
  return {
    scheduler,
    started,
    starting: (name) => () => {
      started.push(name);
    },
    async free() {
      resolve();
      await settled();
    },
  };
}

describe('jobs of one priority', () => {
  it('start in the order in which they were spawned', async () => {
    const { scheduler, started, starting, free } = busy();
    for (let count = 0; count < 100; count += 1) {
      if (count % 2 === 0) scheduler.spawnNow(starting(count));
      else void scheduler.spawn(starting(count), { priority: 0 });
    }
    await free();
    expect(started).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  it('start in that order when some of them are cancelled', async () => {
    const { scheduler, started, starting, free } = busy();
    const jobs = ['a', 'b', 'c', 'd'].map((name) => scheduler.spawnNow(starting(name)));
    await jobs[0]?.close();
    await jobs[2]?.close();
    await free();
    expect(started).toEqual(['b', 'd']);
  });

  it('start before anybody is told that the one before has settled', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const order: string[] = [];
    const { promise, resolve } = deferred();
    const first = scheduler.spawnNow(() => promise);
    scheduler.spawnNow(() => order.push('second starts'));
    const told = first.wait().then(() => order.push('first is waited for'));
    resolve();
    await told;
    expect(order).toEqual(['second starts', 'first is waited for']);
  });
});

describe('a larger priority', () => {
  it('starts earlier', async () => {
    const { scheduler, started, starting, free } = busy();
    for (const priority of [0, 5, -1, 5, 0.5, Number.MAX_VALUE, -0]) {
      scheduler.spawnNow(starting(priority), { priority });
    }
    await free();
    expect(started).toEqual([Number.MAX_VALUE, 5, 5, 0.5, 0, -0, -1]);
  });

  it('keeps the order of spawning among equals', async () => {
    const { scheduler, started, starting, free } = busy();
    for (const name of ['a1', 'b2', 'c1', 'd2', 'e1']) {
      scheduler.spawnNow(starting(name), { priority: Number(name[1]) });
    }
    await free();
    expect(started).toEqual(['b2', 'd2', 'a1', 'c1', 'e1']);
  });

  it('counts also for a job that had to wait for its `after`', async () => {
    const { scheduler, started, starting, free } = busy();
    const after = deferred();
    scheduler.spawnNow(starting('important'), { priority: 1, after: after.promise });
    scheduler.spawnNow(starting('normal'));
    after.resolve();
    await settled();
    await free();
    expect(started).toEqual(['important', 'normal']);
  });

  it('does not help a spawn() that waits for room', async () => {
    const { scheduler, started, starting, free } = busy({ pendingLimit: 1 });
    scheduler.spawnNow(starting('pending'));
    void scheduler.spawn(starting('first in line'));
    void scheduler.spawn(starting('important'), { priority: 9 });
    await free();
    expect(started).toEqual(['pending', 'first in line', 'important']);
  });

  it.each([NaN, Infinity, -Infinity, '1', null])('is never %p', (priority) => {
    const options = { priority: priority as number };
    expect(() => new Scheduler().spawnNow(() => {}, options)).toThrow(/`priority` to be a finite/);
  });
});

describe('every 16th start', () => {
  it('takes the oldest pending job, whatever its priority', async () => {
    const { scheduler, started, starting, free } = busy();
    scheduler.spawnNow(starting('old'), { priority: -1 });
    scheduler.spawnNow(starting('old too'), { priority: -2 });
    for (let count = 2; count <= 40; count += 1) {
      scheduler.spawnNow(starting(count), { priority: 1 });
    }
    await free();
    // The job that kept the slot busy was the first start.
    expect(started.indexOf('old')).toBe(16 - 2);
    expect(started.indexOf('old too')).toBe(32 - 2);
    const others = started.filter((name) => typeof name === 'number');
    expect(others).toEqual(Array.from({ length: 39 }, (_, index) => index + 2));
  });

  it('counts the jobs that never had to wait as well', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    for (let count = 0; count < 13; count += 1) scheduler.spawnNow(() => {});
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const started: string[] = [];
    scheduler.spawnNow(() => started.push('old'), { priority: -1 });
    for (const name of ['15th', '17th']) {
      scheduler.spawnNow(() => started.push(name), { priority: 1 });
    }
    resolve();
    await settled();
    expect(started).toEqual(['15th', 'old', '17th']);
  });

  it('never lets a job starve under a stream of more important ones', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    let starts = 0;
    let stopped = false;
    const stream = (): void => {
      starts += 1;
      if (!stopped) scheduler.spawnNow(stream, { priority: 1 });
    };
    scheduler.spawnNow(stream);
    const before = starts;
    const job = scheduler.spawnNow(() => starts, { priority: -1 });
    expect((await job.wait()) - before).toBeLessThanOrEqual(16);
    stopped = true;
    await scheduler.idle();
  });

  it('goes by the order of spawning, not by that in which `after` has settled', async () => {
    const { scheduler, started, starting, free } = busy();
    const afters = [deferred(), deferred()] as const;
    scheduler.spawnNow(starting('older'), { priority: -1, after: afters[0].promise });
    scheduler.spawnNow(starting('younger'), { priority: -1, after: afters[1].promise });
    for (let count = 2; count <= 31; count += 1) {
      scheduler.spawnNow(starting(count), { priority: 1 });
    }
    afters[1].resolve();
    await settled();
    afters[0].resolve();
    await settled();
    await free();
    expect(started.indexOf('older')).toBe(16 - 2);
    expect(started.indexOf('younger')).toBe(32 - 2);
  });
});

describe('a spawn() that waits for room', () => {
  it('is never overtaken, neither by spawn() nor by spawnNow()', async () => {
    const { scheduler, started, starting, free } = busy({ pendingLimit: 1 });
    const pending = scheduler.spawnNow(starting('pending'));
    const first = scheduler.spawn(starting('first'));
    const second = scheduler.spawn(starting('second'));
    const late: unknown[] = [];
    void pending.close();
    // A place is free again, but not for those who come now.
    void scheduler.spawn(starting('third'));
    try {
      scheduler.spawnNow(starting('late'));
    } catch (error) {
      late.push(error);
    }
    expect(late).toEqual([expect.objectContaining({ code: 'ERR_PENDING_LIMIT' })]);
    await first;
    await free();
    await second;
    expect(started).toEqual(['first', 'second', 'third']);
  });

  it('comes before one that a starting function makes while slots are still free', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    const { promise, resolve } = deferred();
    const started: string[] = [];
    scheduler.spawnNow(() => promise);
    void scheduler.spawn(() => {
      started.push('first');
      void scheduler.spawn(() => started.push('from inside'));
    });
    void scheduler.spawn(() => started.push('second'));
    scheduler.limit = 3;
    expect(started).toEqual(['first', 'second', 'from inside']);
    resolve();
    await settled();
  });

  it('gets the place of a pending job that is cancelled', async () => {
    const { scheduler, starting } = busy({ pendingLimit: 1 });
    const pending = scheduler.spawnNow(starting('pending'));
    const spawn = scheduler.spawn(starting('waiting'));
    void pending.close();
    expect((await spawn).state).toBe('pending');
    expect(scheduler.pendingCount).toBe(1);
  });

  it('gets a slot and a place that fall free in one turn in the order of the calls', async () => {
    const scheduler = new Scheduler({ limit: 2, pendingLimit: 2 });
    const ends = [deferred(), deferred()] as const;
    for (const { promise } of ends) scheduler.spawnNow(() => promise);
    const started: string[] = [];
    const pending = ['p1', 'p2'].map((name) => scheduler.spawnNow(() => started.push(name)));
    const waiting = ['w1', 'w2', 'w3'].map((name) => scheduler.spawn(() => started.push(name)));
    void pending[0]?.close();
    ends[0].resolve();
    ends[1].resolve();
    await Promise.all(waiting);
    await scheduler.idle();
    expect(started).toEqual(['p2', 'w1', 'w2', 'w3']);
  });
});

describe('pause()', () => {
  it('lets no pending job start, and none that is spawned', async () => {
    const { scheduler, started, starting, free } = busy();
    scheduler.spawnNow(starting('before'));
    scheduler.pause();
    const during = scheduler.spawnNow(starting('during'));
    await free();
    expect(started).toEqual([]);
    expect([scheduler.activeCount, scheduler.pendingCount]).toEqual([0, 2]);
    expect(during.state).toBe('pending');
  });

  it('lets running jobs go on', async () => {
    const scheduler = new Scheduler();
    const { promise, resolve } = deferred<number>();
    const job = scheduler.spawnNow(() => promise);
    scheduler.pause();
    expect(job.signal.aborted).toBe(false);
    resolve(7);
    expect(await job.wait()).toBe(7);
  });

  it('is not undone by a larger limit', () => {
    const { scheduler, started, starting } = busy();
    scheduler.pause();
    scheduler.spawnNow(starting('pending'));
    scheduler.limit = 10;
    expect(started).toEqual([]);
  });

  it('is ended by resume(), which starts at once and in order what may start', () => {
    const { scheduler, started, starting } = busy();
    scheduler.pause();
    scheduler.pause();
    for (const name of ['a', 'b', 'c']) scheduler.spawnNow(starting(name), { name });
    scheduler.spawnNow(stubborn, { priority: -1 });
    scheduler.limit = 2;
    scheduler.resume();
    expect(started).toEqual(['a', 'b', 'c']);
    expect(scheduler.activeCount).toBe(2);
    scheduler.resume();
    expect(scheduler.activeCount).toBe(2);
  });

  it('leaves cancelling and counting as they are', async () => {
    const scheduler = new Scheduler();
    scheduler.pause();
    const fn = jest.fn();
    const job = scheduler.spawnNow(fn);
    await job.close();
    scheduler.resume();
    expect(job.outcome).toBe('cancelled');
    expect(fn).not.toHaveBeenCalled();
    expect(scheduler.size).toBe(0);
  });
});
