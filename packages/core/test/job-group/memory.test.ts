import { AsyncLocalStorage } from 'node:async_hooks';
import { type JobGroup, Scheduler } from '@outlive/core';
import { until } from '@outlive/test-support/conditions';
import { collected, collectGarbage, heapGrowth } from '@outlive/test-support/gc';
import { failWith } from '../support/functions.ts';
import { settled } from '../support/settled.ts';

describe('a group that nobody holds any more', () => {
  it('is collected, and its failure that nobody asked for goes to the exception handler', async () => {
    const reported: unknown[] = [];
    const scheduler = new Scheduler({
      exceptionHandler: ({ exception }) => {
        reported.push(exception);
      },
    });
    const error = new Error('nobody asked');
    const open = async (): Promise<WeakRef<JobGroup>> => {
      const group = scheduler.group();
      await group.spawn(failWith(error));
      await settled();
      return new WeakRef(group);
    };
    expect(reported).toEqual([]);
    expect(await collected([await open()])).toBe(true);
    await until(() => reported.length > 0);
    expect(reported).toEqual([error]);
  });

  it('is not reachable from its jobs, nor from a signal that could have cancelled it', async () => {
    const scheduler = new Scheduler();
    const { signal } = new AbortController();
    const open = async (): Promise<[WeakRef<JobGroup>, unknown]> => {
      const group = scheduler.group({ signal });
      const job = await group.spawn(() => 1);
      await group.wait();
      return [new WeakRef(group), job];
    };
    const [group, job] = await open();
    expect(await collected([group])).toBe(true);
    expect(job).toMatchObject({ outcome: 'completed' });
  });
});

it('a group that is waited for keeps nothing of 100,000 finished jobs', async () => {
  const scheduler = new Scheduler();
  const group = scheduler.group();
  const run = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      await group.spawn(async () => Array.from({ length: 10 }, () => index));
    }
    await group.wait();
  };
  await run(20_000);
  const limit = 2_000_000;
  expect(await heapGrowth(async () => run(100_000), limit)).toBeLessThan(limit);
});

it('50,000 groups whose signals were read leave nothing in the signal that could have cancelled them', async () => {
  const scheduler = new Scheduler();
  const { signal } = new AbortController();
  const run = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      // No `expect()`, 100,000 of which take most of the time.
      if (scheduler.group({ signal }).signal.aborted) throw new Error('aborted');
      if (index % 1_000 === 0) await settled();
    }
    await collectGarbage();
  };
  // The tables that the first run has filled keep their size.
  await run(50_000);
  // 50 bytes for each group, less than anything that could be left of one; a heap varies by a megabyte.
  const limit = 2_500_000;
  expect(await heapGrowth(async () => run(50_000), limit)).toBeLessThan(limit);
});

it('the signal of a group is aborted though nobody holds the group any more', async () => {
  const abort = new AbortController();
  const { signal } = new Scheduler().group({ signal: abort.signal });
  await collectGarbage();
  abort.abort('enough');
  expect(signal.reason).toBe('enough');
});

it('each job of a group sees the AsyncLocalStorage context of its own spawn()', async () => {
  const storage = new AsyncLocalStorage<string>();
  const scheduler = new Scheduler();
  const group = scheduler.group({ limit: 1 });
  const seen: (string | undefined)[] = [];
  for (const name of ['a', 'b', 'c']) {
    storage.run(name, () => {
      group.spawnNow(async () => {
        await settled();
        seen.push(storage.getStore());
      });
    });
  }
  await group.wait();
  expect(seen).toEqual(['a', 'b', 'c']);
});
