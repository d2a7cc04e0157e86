import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';

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
        await Promise.resolve();
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
        await Promise.resolve();
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
      await Promise.resolve();
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
