import {
  type ExceptionContext,
  type Job,
  type JobContext,
  JobTimeoutError,
  Scheduler,
} from '@outlive/core';
import { type Deferred, deferred } from '@outlive/test-support/deferred';
import { obedient, stubborn } from './support/functions.ts';
import { names } from './support/names.ts';
import { settled } from './support/settled.ts';
import { listeningScheduler } from './support/told.ts';

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
  it.each<unknown>([undefined, null, 7, 'fn', {}, [], Symbol('fn')])(
    'is a TypeError: %p',
    (value) => {
      const scheduler = new Scheduler();
      const fn = value as () => void;
      expect(() => scheduler.spawn(fn)).toThrow(TypeError);
      expect(() => scheduler.spawnNow(fn)).toThrow(/`fn` to be a function, got/);
      expect(scheduler.size).toBe(0);
    },
  );

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
