import { AsyncLocalStorage } from 'node:async_hooks';
import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { failWith, obedient, stubborn } from '../support/functions.ts';
import { settled } from '../support/settled.ts';

const storage = new AsyncLocalStorage<unknown>();

describe('the AsyncLocalStorage context of a job', () => {
  it('is that of its own spawn(), also when it starts from the end of another job', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const seen = ['A', 'B', 'C'].map((id) =>
      storage.run(id, () =>
        scheduler.spawnNow(async () => {
          const before = storage.getStore();
          await nextTurn();
          return [before, storage.getStore()];
        }),
      ),
    );
    const got = await Promise.all(seen.map((job) => job.wait()));
    expect(got).toEqual(['A', 'B', 'C'].map((id) => [id, id]));
  });

  it.each<[string, (scheduler: Scheduler) => unknown]>([
    ['resume()', (scheduler) => scheduler.resume()],
    ['a raised limit', (scheduler) => (scheduler.limit = 2)],
  ])('is that of its spawn() when %s starts it', async (_, start) => {
    const scheduler = new Scheduler({ limit: 1 });
    const first = deferred();
    scheduler.pause();
    scheduler.spawnNow(() => first.promise);
    if (start.length > 0) scheduler.resume();
    scheduler.pause();
    const job = storage.run('mine', () => scheduler.spawnNow(() => storage.getStore()));
    scheduler.limit = 2;
    storage.run('other', () => start(scheduler));
    scheduler.resume();
    expect(await job.wait()).toBe('mine');
    first.resolve();
  });

  it('is that of its spawn() when its `after` settles elsewhere', async () => {
    const scheduler = new Scheduler();
    const after = deferred();
    const job = storage.run('mine', () =>
      scheduler.spawnNow(() => storage.getStore(), { after: after.promise }),
    );
    storage.run('other', () => after.resolve());
    expect(await job.wait()).toBe('mine');
  });

  it('is that of its spawn() when it waited for room', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    const first = deferred();
    storage.run('other', () => scheduler.spawnNow(() => first.promise));
    const waiting = storage.run('mine', () => scheduler.spawn(() => storage.getStore()));
    first.resolve();
    expect(await (await waiting).wait()).toBe('mine');
  });

  it('never mixes: 10,000 jobs from as many contexts, two at a time', async () => {
    const mismatches: unknown[] = [];
    const scheduler = new Scheduler({
      limit: 2,
      exceptionHandler: ({ exception }) => {
        if (storage.getStore() !== exception) mismatches.push(exception);
      },
    });
    let ran = 0;
    for (let id = 0; id < 10_000; id++) {
      storage.run(id, () =>
        scheduler.spawnNow(async () => {
          if (storage.getStore() !== id) mismatches.push(id);
          await Promise.resolve();
          if (storage.getStore() !== id) mismatches.push(id);
          ran += 1;
          // oxlint-disable-next-line typescript/only-throw-error -- tells the handler who failed
          if (id % 10 === 0) throw id;
        }),
      );
    }
    await scheduler.idle();
    await settled();
    expect(ran).toBe(10_000);
    expect(mismatches).toEqual([]);
  });

  it.each(['at once', 'queued'])(
    "is the constructor's with context: 'scheduler': %s",
    async (when) => {
      const handled = deferred<unknown>();
      const scheduler = storage.run(
        'app',
        () =>
          new Scheduler({
            context: 'scheduler',
            exceptionHandler: () => handled.resolve(storage.getStore()),
          }),
      );
      if (when === 'queued') scheduler.pause();
      const job = storage.run('request', () =>
        scheduler.spawnNow(async () => {
          await nextTurn();
          return storage.getStore();
        }),
      );
      storage.run('request', () => scheduler.spawnNow(failWith(new Error('boom'))));
      scheduler.resume();
      expect(await job.wait()).toBe('app');
      expect(await handled.promise).toBe('app');
    },
  );
});

function listening(): { scheduler: Scheduler; seen: unknown[] } {
  const seen: unknown[] = [];
  const scheduler = new Scheduler({
    limit: 1,
    pendingLimit: 1,
    closeTimeout: 1,
    exceptionHandler: () => {
      seen.push(storage.getStore());
    },
  });
  return { scheduler, seen };
}

describe('the AsyncLocalStorage context of an exceptionHandler call', () => {
  it('is that of the spawn() of the failed job', async () => {
    const { scheduler, seen } = listening();
    const work = deferred();
    storage.run('A', () => scheduler.spawnNow(() => work.promise));
    storage.run('B', () => scheduler.spawnNow(failWith(new Error('boom'))));
    work.reject(new Error('boom'));
    await settled();
    expect(seen).toEqual(['A', 'B']);
  });

  it('is that of the spawn() that was refused', async () => {
    const { scheduler, seen } = listening();
    scheduler.spawnNow(obedient);
    scheduler.spawnNow(() => {});
    storage.run('A', () => void scheduler.spawn(() => {}));
    const closed = storage.run('other', () => scheduler.close());
    storage.run('B', () => void scheduler.spawn(() => {}));
    await settled();
    expect(seen).toEqual(['A', 'B']);
    await closed;
  });

  it.each(['at once', 'queued'])(
    'is that of the spawn() of an abandoned job, or of the closing call, started %s',
    async (when) => {
      const { scheduler, seen } = listening();
      if (when === 'queued') scheduler.pause();
      storage.run('A', () => scheduler.spawnNow(stubborn));
      scheduler.resume();
      const drained = storage.run('closing', () => scheduler.drain({ timeout: 0 }));
      await storage.run('other', () => drained);
      expect(seen).toHaveLength(1);
      expect(['A', 'closing']).toContain(seen[0]);
    },
  );

  it('is that of the shield() that failed', async () => {
    const { scheduler, seen } = listening();
    const work = deferred();
    storage.run('A', () => void scheduler.shield(work.promise));
    work.reject(new Error('boom'));
    await settled();
    expect(seen).toEqual(['A']);
  });
});

describe("the library's own timers", () => {
  it('run outside of the context of whoever set them', async () => {
    const scheduler = new Scheduler();
    const seen = deferred<unknown>();
    storage.run('request', () => {
      const job = scheduler.spawnNow(stubborn, { timeout: 1 });
      job.signal.addEventListener('abort', () => seen.resolve(storage.getStore()));
    });
    expect(await seen.promise).toBeUndefined();
  });
});
