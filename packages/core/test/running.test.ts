import {
  type ExceptionContext,
  type Job,
  type JobContext,
  JobTimeoutError,
  Scheduler,
} from '@outlive/core';
import { type Deferred, deferred } from './support/deferred.ts';
import { failWith, obedient, stubborn } from './support/functions.ts';
import { names } from './support/names.ts';
import { settled } from './support/settled.ts';
import { listeningScheduler } from './support/told.ts';
import { nextTurn } from './support/turn.ts';

describe('a free slot', () => {
  it.each(['spawn', 'spawnNow'] as const)(
    'starts the function synchronously inside %s()',
    (method) => {
      const scheduler = new Scheduler();
      const fn = jest.fn(stubborn);
      void scheduler[method](fn);
      expect(fn).toHaveBeenCalledTimes(1);
      expect(scheduler.activeCount).toBe(1);
      expect(scheduler.pendingCount).toBe(0);
    },
  );

  it('hands the job itself to its function', () => {
    const scheduler = new Scheduler();
    let context: JobContext | undefined;
    const job = scheduler.spawnNow((given) => {
      context = given;
      return stubborn();
    });
    expect(context).toBe(job);
    expect(job.signal.aborted).toBe(false);
  });

  it.each(['spawn', 'spawnNow'] as const)('is what %s() queues for otherwise', async (method) => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const fn = jest.fn();
    const job: Job = await scheduler[method](fn);
    expect(job.state).toBe('pending');
    expect(scheduler.pendingCount).toBe(1);
    expect(fn).not.toHaveBeenCalled();
    resolve();
    await job.wait();
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('starts a function while jobs that wait for their `after` are pending', () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 1 });
    scheduler.spawnNow(stubborn, { after: stubborn() });
    const fn = jest.fn();
    scheduler.spawnNow(fn);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('starts a function even in a turn that has seen thousands of starts', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    let last: Job | undefined;
    for (let count = 0; count < 1_000; count += 1) last = scheduler.spawnNow(() => {});
    resolve();
    await last?.wait();
    expect(scheduler.size).toBe(0);
    expect(scheduler.spawnNow(() => 'at once').outcome).toBe('completed');
  });
});

describe('a function that throws synchronously', () => {
  it('is a job that rejected', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const error = new Error('thrown');
    const job = await scheduler.spawn(() => {
      throw error;
    });
    expect(job.outcome).toBe('failed');
    await expect(job.wait()).rejects.toBe(error);
    expect(scheduler.size).toBe(0);
  });

  it('does not throw out of spawnNow(), and is told to the handler', async () => {
    const { scheduler, told } = listeningScheduler({ limit: 1 });
    const error = new Error('thrown');
    const job = scheduler.spawnNow(() => {
      throw error;
    });
    await settled();
    expect(told).toEqual([expect.objectContaining({ exception: error, job })]);
  });

  it('lets the next one start', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const failing = scheduler.spawnNow(() => {
      throw new Error('thrown');
    });
    const next = scheduler.spawnNow(() => 'next');
    resolve();
    await expect(failing.wait()).rejects.toThrow('thrown');
    expect(await next.wait()).toBe('next');
  });
});

describe('anything but a function', () => {
  it.each([undefined, null, 7, 'fn', {}, [], Symbol('fn')])('is a TypeError: %p', (value) => {
    const scheduler = new Scheduler();
    const fn = value as unknown as () => void;
    expect(() => scheduler.spawn(fn)).toThrow(TypeError);
    expect(() => scheduler.spawnNow(fn)).toThrow(/`fn` to be a function, got/);
    expect(scheduler.size).toBe(0);
  });

  it('is told why it cannot work, if it is a promise', () => {
    const scheduler = new Scheduler();
    const running = Promise.resolve() as unknown as () => void;
    expect(() => scheduler.spawn(running)).toThrow(/already running.*shield\(\)/);
    expect(() => scheduler.spawnNow(running)).toThrow(/already running.*shield\(\)/);
  });

  it('is refused before the scheduler is asked whether it is closed', async () => {
    const scheduler = new Scheduler();
    await scheduler.close();
    expect(() => scheduler.spawn(7 as unknown as () => void)).toThrow(TypeError);
  });
});

/* oxlint-disable unicorn/no-thenable -- thenables are what is tested */
describe('a thenable that a function returns', () => {
  const error = new Error('thrown');
  const settling = {
    'resolves, rejects and throws': {
      then(resolve: (value: string) => void, reject: (error: unknown) => void) {
        resolve('first');
        resolve('second');
        reject(error);
        throw error;
      },
    },
    'resolves, and again in later turns': {
      then(resolve: (value: string) => void, reject: (error: unknown) => void) {
        resolve('first');
        setImmediate(() => {
          resolve('second');
          reject(error);
        });
      },
    },
    'resolves with another thenable': {
      then(resolve: (value: unknown) => void) {
        resolve({ then: (again: (value: string) => void) => again('first') });
      },
    },
    'is a function': Object.assign(() => {}, {
      then(resolve: (value: string) => void) {
        resolve('first');
      },
    }),
    'is of a subclass of Promise': new (class Custom<T> extends Promise<T> {
      override then<A, B>(
        onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
        onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
      ): Promise<A | B> {
        return super.then((value) => onFulfilled?.(value) as A, onRejected);
      }
    })<string>((resolve) => resolve('first')),
    'is a promise with a `then` of its own': Object.assign(Promise.resolve('second'), {
      then(resolve: (value: string) => void) {
        resolve('first');
        resolve('second');
      },
    }),
  };

  it.each(Object.entries(settling))(
    'settles its job once, with its first word, if it %s',
    async (_, work) => {
      const { scheduler, told } = listeningScheduler({ limit: 1 });
      const job = scheduler.spawnNow(() => work as PromiseLike<unknown>);
      const next = scheduler.spawnNow(stubborn);
      expect(await job.wait()).toBe('first');
      await settled();
      expect(job.outcome).toBe('completed');
      expect(scheduler.activeCount).toBe(1);
      expect(next.state).toBe('active');
      expect(told).toEqual([]);
    },
  );

  it.each([
    [
      'one with a `then` getter that throws',
      {
        get then() {
          throw error;
        },
      },
    ],
    [
      'one with a `then` that throws',
      {
        then() {
          throw error;
        },
      },
    ],
    [
      'one with a `then` that rejects and then throws something else',
      {
        then(_: unknown, reject: (error: unknown) => void) {
          reject(error);
          throw new Error('second');
        },
      },
    ],
    [
      'a promise with a `then` of its own that throws',
      Object.assign(Promise.resolve(), {
        then() {
          throw error;
        },
      }),
    ],
    [
      'a promise whose `constructor` throws',
      Object.defineProperty(Promise.resolve(), 'constructor', {
        get() {
          throw error;
        },
      }),
    ],
  ])('fails its job, and only that, if it is %s', async (_, work) => {
    const { scheduler, told } = listeningScheduler({ limit: 1 });
    const job = scheduler.spawnNow(() => work as PromiseLike<unknown>);
    const next = scheduler.spawnNow(() => 'next');
    await expect(job.wait()).rejects.toBe(error);
    expect(await next.wait()).toBe('next');
    await settled();
    expect(scheduler.size).toBe(0);
    expect(told).toEqual([]);
  });

  it('is shielded until it settles, if it throws in a `then` of its own', async () => {
    const scheduler = new Scheduler();
    const { promise, resolve } = deferred<number>();
    const evil = Object.assign(promise, {
      then() {
        throw error;
      },
    });
    const shielded = scheduler.shield(evil);
    resolve(7);
    expect(await shielded).toBe(7);
    await scheduler.idle();
  });

  it('keeps its slot until it settles', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred<number>();
    const job = scheduler.spawnNow(() => ({ then: promise.then.bind(promise) }));
    const next = scheduler.spawnNow(() => {});
    await settled();
    expect(next.state).toBe('pending');
    resolve(7);
    await next.wait();
    expect(await job.wait()).toBe(7);
  });

  it('is a value if its `then` is no function', async () => {
    const value = { then: 7 };
    expect(await new Scheduler().spawnNow(() => [value]).wait()).toEqual([value]);
    expect(new Scheduler().spawnNow(() => value).outcome).toBe('completed');
  });
});
/* oxlint-enable unicorn/no-thenable */

describe('a slot', () => {
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

describe('scheduler.limit', () => {
  const limited = (
    limit: number,
  ): { scheduler: Scheduler; jobs: Job[]; ends: Deferred<void>[] } => {
    const scheduler = new Scheduler({ limit });
    const ends = Array.from({ length: 6 }, () => deferred());
    const jobs = ends.map(({ promise }) => scheduler.spawnNow(() => promise));
    return { scheduler, jobs, ends };
  };

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

describe('the timeout of a job', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('is counted from its start, not from its spawn', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    const job = scheduler.spawnNow(obedient, { timeout: 1_000 });
    jest.advanceTimersByTime(5_000);
    expect(job.state).toBe('pending');
    resolve();
    await settled();
    jest.advanceTimersByTime(999);
    expect(job.state).toBe('active');
    jest.advanceTimersByTime(1);
    expect(job.state).toBe('closing');
    await expect(job.wait()).rejects.toMatchObject({
      code: 'ERR_JOB_CANCELLED',
      cause: expect.objectContaining({ code: 'ERR_JOB_TIMEOUT', name: 'TimeoutError' }),
    });
  });

  it('may be Infinity', () => {
    const job = new Scheduler().spawnNow(stubborn, { timeout: Infinity });
    expect(jest.getTimerCount()).toBe(0);
    expect(job.state).toBe('active');
  });

  it('may be longer than setTimeout() can wait', () => {
    const days40 = 40 * 24 * 60 * 60 * 1_000;
    const job = new Scheduler().spawnNow(stubborn, { timeout: days40 });
    jest.advanceTimersByTime(days40 - 1);
    expect(job.state).toBe('active');
    jest.advanceTimersByTime(1);
    expect(job.state).toBe('closing');
  });

  it.each([
    ['completes', () => Promise.resolve()],
    ['fails', failWith(new Error('failed'))],
    ['returns', () => undefined],
  ])('leaves no timer when the job %s', async (_, fn: () => unknown) => {
    const job = new Scheduler().spawnNow(fn, { timeout: 1_000 });
    await job.wait().catch(() => {});
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves no timer when the job is cancelled, though it goes on', () => {
    const job = new Scheduler().spawnNow(stubborn, { timeout: 1_000 });
    void job.close({ timeout: Infinity });
    expect(job.state).toBe('closing');
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([-1, NaN, '5', null])('is never %p', (timeout) => {
    const fn = jest.fn();
    const options = { timeout: timeout as number };
    expect(() => new Scheduler().spawnNow(fn, options)).toThrow(/`timeout` to be milliseconds/);
    expect(fn).not.toHaveBeenCalled();
  });
});

describe('very many jobs', () => {
  it.each(['spawn', 'spawnNow'] as const)(
    'run through one slot without a stack overflow when %s() starts each',
    (method) => {
      const scheduler = new Scheduler({ limit: 1 });
      let count = 0;
      for (let index = 0; index < 100_000; index += 1) void scheduler[method](() => (count += 1));
      expect(count).toBe(100_000);
    },
  );

  it('run one after another from the queue without a stack overflow', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: Infinity });
    const { promise, resolve } = deferred();
    scheduler.spawnNow(() => promise);
    let count = 0;
    for (let index = 0; index < 100_000; index += 1) scheduler.spawnNow(() => (count += 1));
    resolve();
    await scheduler.idle();
    expect(count).toBe(100_000);
  });

  it('are all admitted in their order, with never more than the limits allow', async () => {
    const scheduler = new Scheduler({ limit: 10, pendingLimit: 100 });
    const order: number[] = [];
    let running = 0;
    let most = 0;
    let mostPending = 0; // seen by a function that starts: one has just left
    const spawns = Array.from({ length: 100_000 }, (_, index) =>
      scheduler.spawn(async () => {
        running += 1;
        most = Math.max(most, running);
        mostPending = Math.max(mostPending, scheduler.pendingCount);
        order.push(index);
        await null;
        running -= 1;
      }),
    );
    expect([scheduler.activeCount, scheduler.pendingCount]).toEqual([10, 100]);
    await Promise.all(spawns);
    await scheduler.idle();
    expect([most, mostPending]).toEqual([10, 99]);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).toHaveLength(100_000);
  });
});

describe('a job that spawns itself again for ever', () => {
  const respawning: Record<string, (scheduler: Scheduler, stopped: () => boolean) => void> = {
    'synchronously with spawnNow()'(scheduler, stopped) {
      const again = (): void => {
        if (!stopped()) scheduler.spawnNow(again);
      };
      scheduler.spawnNow(again);
    },
    'synchronously with spawn()'(scheduler, stopped) {
      const again = (): void => {
        if (!stopped()) void scheduler.spawn(again);
      };
      void scheduler.spawn(again);
    },
    'in an async function'(scheduler, stopped) {
      const again = async (): Promise<void> => {
        await null;
        if (!stopped()) scheduler.spawnNow(again);
      };
      scheduler.spawnNow(again);
    },
    'after a pause'(scheduler, stopped) {
      scheduler.pause();
      const again = (): void => {
        if (!stopped()) scheduler.spawnNow(again);
      };
      scheduler.spawnNow(again);
      scheduler.resume();
    },
  };

  it.each(Object.entries(respawning))('lets timers fire: %s', async (_, start) => {
    const scheduler = new Scheduler({ limit: 1 });
    let stopped = false;
    const timer = new Promise<void>((resolve) => {
      setTimeout(() => {
        stopped = true;
        resolve();
      }, 1);
    });
    start(scheduler, () => stopped);
    await timer;
    await scheduler.idle();
    expect(stopped).toBe(true);
  });

  it('lets timers fire when only waiting calls of spawn() follow one another', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    let stopped = false;
    const again = async (): Promise<void> => {
      await null;
      if (!stopped) void scheduler.spawn(again);
    };
    void scheduler.spawn(again);
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
    stopped = true;
    await scheduler.idle();
    expect(scheduler.size).toBe(0);
  });

  it('lets other jobs have their turn', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    let stopped = false;
    let others = 0;
    const again = (): void => {
      if (!stopped) scheduler.spawnNow(again);
    };
    scheduler.spawnNow(again);
    for (let count = 0; count < 10; count += 1) {
      await (await scheduler.spawn(() => (others += 1))).wait();
    }
    stopped = true;
    await scheduler.idle();
    expect(others).toBe(10);
  });

  it('never makes a turn of the event loop longer than the one before', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    let stopped = false;
    let starts = 0;
    const again = (): void => {
      starts += 1;
      if (!stopped) scheduler.spawnNow(again);
    };
    scheduler.spawnNow(again);
    for (let turn = 0; turn < 12; turn += 1) {
      const before = starts;
      await nextTurn();
      expect(starts - before).toBeLessThanOrEqual(1_000);
    }
    stopped = true;
    await scheduler.idle();
  });
});
