import { runInNewContext } from 'node:vm';
import { type Job, type JobContext, type JobFunction, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { stubborn } from '../support/functions.ts';
import { nextTurn } from '@outlive/test-support/turn';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

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

describe('a generator function', () => {
  const calls: [string, (scheduler: Scheduler, fn: JobFunction<unknown>) => unknown][] = [
    ['spawn', (scheduler, fn) => scheduler.spawn(fn)],
    ['spawnNow', (scheduler, fn) => scheduler.spawnNow(fn)],
    ['shield', (scheduler, fn) => scheduler.shield(fn)],
  ];
  const generators: [string, () => unknown][] = [
    [
      'of its own',
      function* () {
        yield 1;
      },
    ],
    [
      'that is async',
      async function* () {
        yield 1;
      },
    ],
    [
      'that is a method',
      {
        *send() {
          yield 1;
        },
      }.send,
    ],
    ['of another realm', runInNewContext('(function* () { yield 1; })') as () => unknown],
    [
      'that is async, of another realm',
      runInNewContext('(async function* () {})') as () => unknown,
    ],
  ];
  const cases = calls.flatMap(([call, make]) =>
    generators.map(([kind, fn]) => [kind, call, fn, make] as const),
  );

  it.each(cases)('%s throws in %s(), which says why', async (_kind, _call, fn, make) => {
    const scheduler = new Scheduler();
    expect(() => make(scheduler, fn)).toThrow(TypeError);
    expect(() => make(scheduler, fn)).toThrow(/generator/i);
    expect(scheduler.size).toBe(0);
    expect(scheduler.spawnNow(() => {}).id).toBe(1);
    await scheduler.close();
    expect(() => make(scheduler, fn)).toThrow(TypeError);
  });
});

function* steps(): Generator<number> {
  yield 1;
}

async function* asyncSteps(): AsyncGenerator<number> {
  yield 1;
}

describe('a function that returns a generator object', () => {
  it.each<[string, () => unknown]>([
    ['of a generator function', () => steps()],
    ['of an async generator function', () => asyncSteps()],
    ['of another realm', () => runInNewContext('(function* () {})()') as unknown],
    ['by a promise', async () => steps()],
    ['by a promise, later', () => nextTurn().then(() => asyncSteps())],
    [
      'by a thenable',
      // oxlint-disable-next-line unicorn/no-thenable -- what some libraries return
      () => ({ then: (resolve: (value: unknown) => void) => resolve(steps()) }),
    ],
  ])('is a failed job, whose error says why: %s', async (_, fn) => {
    const { scheduler, told } = listeningScheduler();
    const job = scheduler.spawnNow(fn);
    await settled();
    expect(job.outcome).toBe('failed');
    expect(told).toMatchObject([{ message: 'Job processing failed', job }]);
    await expect(job.wait()).rejects.toThrow(/generator/i);
    expect(scheduler.size).toBe(0);
  });

  it('is one also when it had to wait for its slot', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const first = deferred();
    scheduler.spawnNow(() => first.promise);
    const job = scheduler.spawnNow(() => steps());
    const next = scheduler.spawnNow(() => 'next');
    first.resolve();
    await expect(job.wait()).rejects.toThrow(/generator/i);
    expect(await next.wait()).toBe('next');
  });
});

describe('a shielded function that returns a generator object', () => {
  it.each<[string, () => unknown]>([
    ['at once', () => steps()],
    ['by a promise', async () => asyncSteps()],
  ])('fails, and says why: %s', async (_, fn) => {
    const { scheduler, told } = listeningScheduler();
    await expect(scheduler.shield(fn)).rejects.toThrow(/generator/i);
    void scheduler.shield(fn);
    await settled();
    expect(told).toMatchObject([{ message: 'Shielded work failed' }]);
    await scheduler.idle();
  });
});

describe('a value that is hard to look at', () => {
  it.each<[string, () => object]>([
    ['a revoked proxy', () => revokedProxy()],
    [
      'one with a `Symbol.toStringTag` getter that throws',
      () =>
        Object.defineProperty({}, Symbol.toStringTag, {
          get() {
            throw new Error('tag');
          },
        }),
    ],
  ])('is a result: %s', async (_, make) => {
    const value = { wrapped: make() };
    expect(await new Scheduler().spawnNow(async () => value).wait()).toBe(value);
    const job = new Scheduler().spawnNow(async () => value.wrapped).wait();
    // A promise cannot resolve with a revoked proxy at all.
    expect([value.wrapped, 'failed']).toContain(await job.catch(() => 'failed'));
  });
});

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('an iterator that is no generator object', () => {
  it.each([[[1, 2][Symbol.iterator]()], [new Map()], [{ next: () => 1 }]])(
    'is a value: %p',
    async (value) => {
      expect(await new Scheduler().spawnNow(() => value).wait()).toBe(value);
    },
  );
});
