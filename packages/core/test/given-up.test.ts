import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { type Job, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { collected, heapGrowth } from '@outlive/test-support/gc';
import { nextTurn } from '@outlive/test-support/turn';
import { settled } from './support/settled.ts';
import { listeningScheduler } from './support/told.ts';

/** Work that lives on, and what waits for it with a bound. */
interface Scene {
  readonly scheduler: Scheduler;
  readonly running: Job;
  /** Pending for as long as the other runs. */
  readonly pending: Job;
  readonly work: Promise<void>;
}

type Wait = (scene: Scene, signal: AbortSignal) => Promise<unknown>;

const waits: [string, Wait][] = [
  ['job.wait({ signal })', ({ running }, signal) => running.wait({ signal })],
  ['job.wait({ signal }) of a pending job', ({ pending }, signal) => pending.wait({ signal })],
  ['job.wait({ timeout })', ({ running }) => running.wait({ timeout: 0 })],
  ['job.wait({ timeout }) of a pending job', ({ pending }) => pending.wait({ timeout: 0 })],
  ['job.close({ timeout })', ({ running }) => running.close({ timeout: 0 })],
  ['idle({ signal })', ({ scheduler }, signal) => scheduler.idle({ signal })],
  [
    'idle({ signal, from })',
    ({ scheduler, running }, signal) => scheduler.idle({ signal, from: running }),
  ],
  [
    'shield(promise, { signal })',
    ({ scheduler, work }, signal) => scheduler.shield(work, { signal }),
  ],
  [
    'spawn({ signal }) that waits for room',
    ({ scheduler }, signal) => scheduler.spawn(() => {}, { signal }),
  ],
  [
    'spawn({ signal, after })',
    ({ scheduler, work }, signal) =>
      scheduler.spawn(() => {}, { signal, after: work }).then((job) => job.wait()),
  ],
  [
    'spawnNow({ signal, after })',
    async ({ scheduler, work }, signal) => {
      scheduler.pause();
      const held = scheduler.spawnNow(() => {}, { signal, after: work });
      scheduler.resume();
      return held.wait();
    },
  ],
  ['drain()', ({ scheduler }) => scheduler.drain({ timeout: 0, closeTimeout: 0 })],
];

async function inScene(test: (scene: Scene) => Promise<void>, pendingLimit = 1): Promise<void> {
  const { scheduler } = listeningScheduler({ limit: 1, pendingLimit });
  const { promise: work, resolve } = deferred();
  const running = scheduler.spawnNow(() => work);
  const pending = scheduler.spawnNow(() => {});
  await test({ scheduler, running, pending, work });
  resolve();
  await scheduler.close();
}

/** Begins a wait in a context of its own, and sees it give up. */
async function waitInVain(
  storage: AsyncLocalStorage<object>,
  scene: Scene,
  begin: Wait,
): Promise<WeakRef<object>[]> {
  const store = { big: Buffer.alloc(1_000) };
  const controller = new AbortController();
  const waiting = storage.run(store, () => begin(scene, controller.signal));
  const references = [new WeakRef<object>(store), new WeakRef<object>(waiting)];
  await nextTurn();
  controller.abort('enough');
  await waiting.catch(() => {});
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  return references;
}

describe('a wait that has given up', () => {
  it.each(waits)('leaves nothing that its job could reach: %s', async (name, begin) => {
    const storage = new AsyncLocalStorage<object>();
    await inScene(
      async (scene) => {
        const first = await waitInVain(storage, scene, begin);
        const second = await waitInVain(storage, scene, begin);
        expect(await collected([...first, ...second])).toBe(true);
        expect(scene.running.closed).toBe(false);
      },
      name.includes('after') ? 2 : 1,
    );
  });

  it.each(waits)('costs the heap nothing, 5,000 times: %s', async (name, begin) => {
    await inScene(
      async (scene) => {
        const run = async (rounds: number): Promise<void> => {
          for (let round = 0; round < rounds; round++) {
            const controller = new AbortController();
            const { signal } = controller;
            const waiting = Array.from({ length: name === 'drain()' ? 10 : 100 }, () =>
              begin(scene, signal).catch(() => {}),
            );
            await Promise.resolve();
            controller.abort();
            await Promise.all(waiting);
          }
        };
        await run(10);
        // 60 bytes for each would be 300 kB.
        const limit = 300_000;
        const growth = await heapGrowth(async () => {
          await run(50);
          await settled();
        }, limit);
        expect(growth).toBeLessThan(limit);
      },
      name.includes('after') ? 200 : 1,
    );
  });

  it('is no waiter any more: the failure goes to the handler', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    await expect(job.wait({ timeout: 0 })).rejects.toThrow('did not settle');
    work.reject(new Error('boom'));
    await settled();
    expect(told).toMatchObject([{ message: 'Job processing failed', job }]);
  });

  it('takes none of the others with it', async () => {
    const scheduler = new Scheduler();
    const work = deferred<number>();
    const job = scheduler.spawnNow(() => work.promise);
    const controller = new AbortController();
    const others = [
      job.wait(),
      job.wait({ timeout: 60_000 }),
      job.wait({ signal: controller.signal }),
    ];
    await expect(job.wait({ timeout: 0 })).rejects.toThrow('did not settle');
    work.resolve(7);
    expect(await Promise.all(others)).toEqual([7, 7, 7]);
  });
});

describe('shield(promise, { signal }) that has given up', () => {
  it('still holds the drain, and counts once however many calls there were', async () => {
    const scheduler = new Scheduler();
    const work = deferred();
    for (let i = 0; i < 5; i++) {
      void scheduler.shield(work.promise, { signal: AbortSignal.abort() });
    }
    expect(await scheduler.drain({ timeout: 0, closeTimeout: 0 })).toMatchObject({ shields: 1 });
    const drained = scheduler.drain();
    work.resolve();
    expect(await drained).toMatchObject({ shields: 0 });
  });

  it('reports the failure of the work once', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const controller = new AbortController();
    const { signal } = controller;
    for (let i = 0; i < 5; i++) void scheduler.shield(work.promise, { signal });
    controller.abort();
    const exception = new Error('boom');
    work.reject(exception);
    await settled();
    expect(told).toEqual([{ message: 'Shielded work failed', exception }]);
  });

  it('takes none of the others with it', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred<number>();
    const controller = new AbortController();
    const waiting = scheduler.shield(work.promise, { signal: controller.signal });
    for (let i = 0; i < 5; i++) {
      void scheduler.shield(work.promise, { signal: AbortSignal.abort() });
    }
    work.resolve(7);
    expect(await waiting).toBe(7);
    await scheduler.close();
    expect(told).toEqual([]);
  });

  it('fails in the context of its call', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const scheduler = new Scheduler({ exceptionHandler: () => void seen.push(storage.getStore()) });
    const work = deferred();
    const { signal } = new AbortController();
    storage.run('mine', () => void scheduler.shield(work.promise, { signal }));
    work.reject(new Error('boom'));
    await settled();
    expect(seen).toEqual(['mine']);
  });
});

describe('many waits under one signal', () => {
  it.each(waits)('print no warning: %s', async (name, begin) => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    await inScene(
      async (scene) => {
        const controller = new AbortController();
        const { signal } = controller;
        const waiting = Array.from({ length: 20 }, () => begin(scene, signal).catch(() => {}));
        await nextTurn();
        expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
        controller.abort();
        await Promise.all(waiting);
        expect(getEventListeners(signal, 'abort')).toEqual([]);
      },
      name.includes('after') ? 50 : 1,
    );
    await nextTurn();
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('print no warning: 20 schedulers', async () => {
    const { signal } = new AbortController();
    const work = deferred();
    const schedulers = Array.from({ length: 20 }, () => new Scheduler());
    for (const scheduler of schedulers) scheduler.spawnNow(() => work.promise, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    work.resolve();
    await Promise.all(schedulers.map((scheduler) => scheduler.close()));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each<[string, (scheduler: Scheduler) => AbortSignal]>([
    ['the drainSignal of a scheduler', (scheduler) => scheduler.drainSignal],
    ['the signal of a job', (scheduler) => scheduler.spawnNow(() => {}).signal],
  ])('print no warning: %s', async (_, signalOf) => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const signal = signalOf(new Scheduler());
    for (let i = 0; i < 20; i++) signal.addEventListener('abort', () => {});
    await nextTurn();
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
