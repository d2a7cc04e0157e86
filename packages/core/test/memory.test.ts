import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { type Job, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { collected, heapGrowth } from '@outlive/test-support/gc';
import { nextTurn } from '@outlive/test-support/turn';
import { failWith } from './support/functions.ts';
import { settled } from './support/settled.ts';

/** Its `idle()` gives up, and it has long ended when that of the others is over. */
async function waitInVain(scheduler: Scheduler): Promise<WeakRef<Job>> {
  const controller = new AbortController();
  const job = scheduler.spawnNow(async (self) => {
    const idle = scheduler.idle({ from: self, signal: controller.signal });
    controller.abort('enough');
    await idle.catch(() => {});
  });
  await job.wait();
  return new WeakRef(job);
}

describe('a finished job', () => {
  it('leaves nothing behind: the heap after 1,000,000 of them is what it was', async () => {
    const scheduler = new Scheduler();
    let completed = 0;
    const run = async (rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < 5_000; i++) {
          scheduler.spawnNow(async () => {
            completed += 1;
          });
        }
        await scheduler.idle();
      }
    };
    await run(10);
    // A single pointer for each would be 8 MB.
    const limit = 4_000_000;
    expect(await heapGrowth(async () => run(190), limit)).toBeLessThan(limit);
    expect(completed).toBeGreaterThanOrEqual(1_000_000);
  });

  it.each<[string, (scheduler: Scheduler, value: object) => Job]>([
    ['that completed', (scheduler, value) => scheduler.spawnNow(async () => value)],
    ['that completed synchronously', (scheduler, value) => scheduler.spawnNow(() => value)],
    ['that failed', (scheduler, value) => scheduler.spawnNow(failWith(value))],
    [
      'that was waited for',
      (scheduler, value) => {
        const job = scheduler.spawnNow(async () => value);
        void job.wait({ timeout: 60_000, signal: new AbortController().signal });
        return job;
      },
    ],
    [
      'that was cancelled while pending',
      (scheduler, value) => {
        scheduler.pause();
        const job = scheduler.spawnNow(() => value);
        void job.close();
        scheduler.resume();
        return job;
      },
    ],
    [
      'under a signal that lives on',
      (scheduler, value) => scheduler.spawnNow(async () => value, { signal: longLived.signal }),
    ],
    [
      'that had a timeout',
      (scheduler, value) => scheduler.spawnNow(async () => value, { timeout: 60_000 }),
    ],
    [
      'that had a priority and waited for its after',
      (scheduler, value) =>
        scheduler.spawnNow(() => value, { priority: 9, after: Promise.resolve() }),
    ],
    [
      'that read its signals',
      (scheduler, value) =>
        scheduler.spawnNow(async ({ signal, drainSignal }) => {
          signal.addEventListener('abort', () => void value);
          return drainSignal.aborted ? undefined : value;
        }),
    ],
  ])('%s is not reachable from its scheduler, nor is its value', async (_, make) => {
    const scheduler = new Scheduler({ exceptionHandler: () => {} });
    const [job, value] = ((): [WeakRef<Job>, WeakRef<object>] => {
      const made = { big: Buffer.alloc(1_000) };
      return [new WeakRef(make(scheduler, made)), new WeakRef(made)];
    })();
    await scheduler.idle();
    await settled();
    expect(await collected([value, job])).toBe(true);
    expect(scheduler.size).toBe(0);
  });

  it('is not reachable from the jobs of two schedulers that spawn each other', async () => {
    const schedulers = [new Scheduler(), new Scheduler()] as const;
    const jobs: WeakRef<Job>[] = [];
    const release = deferred();
    const spawnNext = (index: number): void => {
      const job = schedulers[index % 2 === 0 ? 0 : 1].spawnNow(async () => {
        await Promise.resolve();
        if (index < 100) spawnNext(index + 1);
        else await release.promise;
      });
      jobs.push(new WeakRef(job));
    };
    spawnNext(0);
    await settled();
    expect(jobs).toHaveLength(101);
    // The last one runs and may know of the one around it. V8 may hold on to one more while it compiles: with
    // `--no-opt` it never does.
    expect(await collected(jobs, { allBut: 3 })).toBe(true);
    release.resolve();
    await Promise.all(schedulers.map((scheduler) => scheduler.idle()));
  });

  it('is not reachable when it waited for its scheduler with `from`', async () => {
    const scheduler = new Scheduler();
    const other = deferred();
    scheduler.spawnNow(() => other.promise);
    const jobs: WeakRef<Job>[] = [];
    for (const wait of ['idle', 'drain', 'drain'] as const) {
      const make = (): Job =>
        scheduler.spawnNow(async (self) => {
          await scheduler[wait]({ from: self });
        });
      jobs.push(new WeakRef(make()));
    }
    jobs.push(await waitInVain(scheduler));
    other.resolve();
    await scheduler.idle();
    await settled();
    expect(await collected(jobs)).toBe(true);
    expect(scheduler.closed).toBe(false);
  });

  const longLived = new AbortController();

  it('lets go of its AsyncLocalStorage store, while the scheduler and its timers live', async () => {
    const storage = new AsyncLocalStorage<object>();
    const scheduler = new Scheduler({ limit: 1 });
    const forever = deferred();
    // Spawned outside; its timer, its signal and the drain's live through the test.
    scheduler.spawnNow(() => forever.promise, { timeout: 60_000, signal: longLived.signal });
    scheduler.limit = 2;
    const stores = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const store = { big: Buffer.alloc(1_000) };
        const job = storage.run(store, () =>
          scheduler.spawnNow(
            async ({ signal }) => {
              await nextTurn();
              signal.addEventListener('abort', () => {});
            },
            { signal: longLived.signal, timeout: 60_000 },
          ),
        );
        await storage.run(store, () => job.wait({ timeout: 60_000 }));
        return new WeakRef(store);
      }),
    );
    expect(await collected(stores)).toBe(true);
    forever.resolve();
    await scheduler.close();
  });

  it('does not keep the store of a caller whose drain() is over', async () => {
    const storage = new AsyncLocalStorage<object>();
    const scheduler = new Scheduler();
    const store = await (async () => {
      const made = { big: Buffer.alloc(1_000) };
      await storage.run(made, async () => {
        void scheduler.drainSignal;
        scheduler.spawnNow(async () => nextTurn());
        await scheduler.drain();
        void scheduler.drainSignal;
      });
      return new WeakRef(made);
    })();
    expect(await collected([store])).toBe(true);
    expect(scheduler.closed).toBe(false);
  });
});

describe('100,000 jobs under one signal', () => {
  it.each([
    ['running', { limit: Infinity }],
    ['pending', { limit: 1, pendingLimit: Infinity }],
  ])('leave no listener and print no warning: %s', async (_, options) => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on('warning', onWarning);
    const { signal } = new AbortController();
    const scheduler = new Scheduler(options);
    const work = deferred();
    for (let i = 0; i < 100_000; i++) scheduler.spawnNow(() => work.promise, { signal });
    expect(scheduler.size).toBe(100_000);
    expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
    work.resolve();
    await scheduler.idle();
    await settled();
    process.off('warning', onWarning);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('are all cancelled by it, and leave no listener', async () => {
    const controller = new AbortController();
    const scheduler = new Scheduler({ limit: 1, pendingLimit: Infinity });
    scheduler.pause();
    const body = jest.fn();
    for (let i = 0; i < 100_000; i++) scheduler.spawnNow(body, { signal: controller.signal });
    controller.abort();
    expect(scheduler.size).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    scheduler.resume();
    expect(body).not.toHaveBeenCalled();
  });

  it('leave no listener when spawn() is refused or waits in vain', async () => {
    const { signal } = new AbortController();
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0, closeTimeout: 0 });
    const work = deferred();
    scheduler.spawnNow(() => work.promise, { signal });
    const waiting = scheduler.spawn(() => {}, { signal });
    expect(() => scheduler.spawnNow(() => {}, { signal })).toThrow('pendingLimit');
    const closed = scheduler.close();
    await expect(waiting).rejects.toThrow('closed');
    await expect(scheduler.spawn(() => {}, { signal })).rejects.toThrow('closed');
    work.resolve();
    await closed;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a job that never reads its signal', () => {
  it('makes no AbortController, through its whole life', async () => {
    const Original = AbortController;
    let made = 0;
    class Counted extends Original {
      constructor() {
        super();
        made += 1;
      }
    }
    globalThis.AbortController = Counted;
    try {
      const scheduler = new Scheduler();
      await scheduler.spawnNow(async () => 1, { timeout: 60_000 }).wait();
      const work = deferred();
      const job = scheduler.spawnNow(() => work.promise);
      const closed = job.close();
      work.resolve();
      await closed;
      await scheduler.drain({ timeout: 0 });
      await scheduler.shield(async () => 1);
      await scheduler.close();
      expect(made).toBe(0);
      expect(scheduler.drainSignal.aborted).toBe(true);
      expect(made).toBe(1);
    } finally {
      globalThis.AbortController = Original;
    }
  });

  it('reads the same signal each time otherwise', () => {
    const job = new Scheduler().spawnNow(({ signal }) => signal);
    expect(job.signal).toBe(job.signal);
  });
});
