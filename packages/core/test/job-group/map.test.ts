import { JobCancelledError, type MapOptions, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { obedient } from '../support/functions.ts';
import { settled } from '../support/settled.ts';

/** A source that notes what was asked of it; `rest` comes after its items. */
function source(count: number, rest?: () => Promise<void>) {
  const log: unknown[] = [];
  async function* items(): AsyncGenerator<number> {
    try {
      for (let item = 1; item <= count; item += 1) {
        log.push(item);
        yield item;
      }
      await rest?.();
    } finally {
      log.push('closed');
    }
  }
  return { log, items: items() };
}

async function collect<T>(results: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const result of results) into.push(result);
  return into;
}

async function later<T>(item: T): Promise<T> {
  await settled();
  return item;
}

const never = (): Promise<never> => new Promise(() => {});

/** Functions that end when they are told. */
function gated() {
  const gates = new Map<number, ReturnType<typeof deferred<number>>>();
  const fn = (item: number): Promise<number> => {
    const gate = deferred<number>();
    gates.set(item, gate);
    return gate.promise;
  };
  const end = async (item: number): Promise<void> => {
    gates.get(item)?.resolve(item * 10);
    await settled();
  };
  return { gates, fn, end };
}

describe('scheduler.map()', () => {
  it.each([
    ['an array', () => [1, 2, 3]],
    ['a generator', () => new Set([1, 2, 3]).values()],
    ['promises', () => [Promise.resolve(1), 2, Promise.resolve(3)]],
    ['an async iterable', () => source(3).items],
  ])('calls the function for each item of %s', async (_, items) => {
    const scheduler = new Scheduler();
    const results = scheduler.map<number | Promise<number>, string>(items(), async (item, job) => {
      return `${item} ${job.attempt} ${job.signal.aborted}`;
    });
    expect(await collect(results)).toEqual(['1 1 false', '2 1 false', '3 1 false']);
    expect(scheduler.size).toBe(0);
  });

  it('gives results in the order of completion, or of the items', async () => {
    for (const ordered of [false, true]) {
      const { fn, end } = gated();
      const got: number[] = [];
      const done = collect(new Scheduler().map([1, 2, 3], fn, { ordered }), got);
      await settled();
      await end(3);
      expect(got).toEqual(ordered ? [] : [30]);
      await end(1);
      await end(2);
      await done;
      expect(got).toEqual(ordered ? [10, 20, 30] : [30, 10, 20]);
    }
  });

  it('gives results while the source takes its time', async () => {
    const { promise, resolve } = deferred();
    const { items } = source(1, () => promise);
    const got: number[] = [];
    const done = collect(
      new Scheduler().map(items, (item) => item),
      got,
    );
    await settled();
    expect(got).toEqual([1]);
    resolve();
    await done;
  });

  it.each([false, true])(
    'takes no more than `limit` items ahead (ordered: %p)',
    async (ordered) => {
      const { log, items } = source(100);
      let most = 0;
      const scheduler = new Scheduler();
      const results = scheduler.map(
        items,
        async (item) => {
          most = Math.max(most, scheduler.activeCount);
          return item;
        },
        { limit: 3, ordered },
      );
      expect(log).toEqual([]);
      for (let item = 1; item <= 10; item += 1) {
        expect(await results.next()).toEqual({ value: item, done: false });
        await settled();
        expect(log).toHaveLength(item + 3);
      }
      await results.return();
      expect(log.at(-1)).toBe('closed');
      expect(most).toBeLessThanOrEqual(3);
    },
  );

  it('waits for room where the scheduler has none', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    expect(await collect(scheduler.map([1, 2, 3, 4], async (item) => item))).toEqual([1, 2, 3, 4]);
  });

  it('left early cancels what runs, waits for it and closes the source', async () => {
    const scheduler = new Scheduler();
    const { log, items } = source(100);
    const ended: number[] = [];
    const fn = async (item: number, job: { signal: AbortSignal }): Promise<number> => {
      if (item === 1) return item;
      await obedient(job).catch(settled);
      ended.push(item);
      throw job.signal.reason;
    };
    for await (const result of scheduler.map(items, fn, { limit: 3 })) {
      expect(result).toBe(1);
      await settled();
      break;
    }
    expect([scheduler.size, log.at(-1)]).toEqual([0, 'closed']);
    expect(ended).toEqual([2, 3, 4]);
  });

  it('left early does not wait for a source that gives nothing, which is closed when it does', async () => {
    const { promise, resolve } = deferred();
    const { log, items } = source(1, () => promise);
    for await (const result of new Scheduler().map(items, (item) => item)) {
      expect(result).toBe(1);
      await settled();
      break;
    }
    expect(log).toEqual([1]);
    resolve();
    await settled();
    expect(log).toEqual([1, 'closed']);
  });

  it('throws the first failure when all has settled, after the results from before', async () => {
    const scheduler = new Scheduler({ exceptionHandler: jest.fn() });
    const { log, items } = source(100);
    const error = new Error('third');
    const got: number[] = [];
    const fn = async (item: number, job: { signal: AbortSignal }): Promise<number> => {
      if (item < 3) return item;
      if (item > 3) return obedient(job);
      await settled();
      throw error;
    };
    await expect(collect(scheduler.map(items, fn, { limit: 5 }), got)).rejects.toBe(error);
    expect(got).toEqual([1, 2]);
    expect([scheduler.size, log.at(-1)]).toEqual([0, 'closed']);
    await settled();
    expect(scheduler.exceptionHandler).not.toHaveBeenCalled();
  });

  it('throws what the source throws, after the results from before', async () => {
    const error = new Error('source');
    const { items } = source(3, () => Promise.reject(error));
    const got: number[] = [];
    const scheduler = new Scheduler();
    await expect(collect(scheduler.map(items, later, { limit: 10 }), got)).rejects.toBe(error);
    expect([got, scheduler.size]).toEqual([[1, 2, 3], 0]);
  });

  it('throws what the source throws when it is closed early', async () => {
    const error = new Error('clean-up');
    const items: Iterable<number> = {
      [Symbol.iterator]: () => ({
        next: () => ({ value: 1, done: false }),
        return: () => {
          throw error;
        },
      }),
    };
    const results = new Scheduler().map(items, (item) => item, { limit: 1 });
    await results.next();
    await expect(results.return()).rejects.toBe(error);
  });

  it('ends when its signal aborts, also while the source gives nothing', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const { items } = source(1, never);
    const scheduler = new Scheduler();
    const done = collect(scheduler.map(items, (_, job) => obedient(job), { signal: abort.signal }));
    await settled();
    abort.abort(reason);
    await expect(done).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_JOB_CANCELLED', cause: reason }),
    );
    expect(scheduler.size).toBe(0);
  });

  it('with an aborted signal calls nothing', async () => {
    const { log, items } = source(3);
    const fn = jest.fn();
    const results = new Scheduler().map(items, fn, { signal: AbortSignal.abort() });
    await expect(collect(results)).rejects.toThrow(JobCancelledError);
    expect(fn).not.toHaveBeenCalled();
    expect(log.slice(1)).toEqual(['closed']);
  });

  it('ends with its scheduler', async () => {
    const scheduler = new Scheduler();
    const done = collect(scheduler.map(source(100).items, (_, job) => obedient(job), { limit: 2 }));
    done.catch(() => {});
    await settled();
    await scheduler.close();
    await expect(done).rejects.toThrow(JobCancelledError);
    await expect(collect(scheduler.map([1], (item) => item))).rejects.toMatchObject({
      code: 'ERR_SCHEDULER_CLOSED',
    });
  });

  it('runs inside a job, in its slot', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const job = await scheduler.spawn((context) =>
      collect(scheduler.map([1, 2, 3], async (item) => item * 2, { inside: context })),
    );
    expect(await job.wait()).toEqual([2, 4, 6]);
  });

  it('leaves out a job that somebody has cancelled', async () => {
    const scheduler = new Scheduler();
    const done = collect(scheduler.map([1, 2], (item, job) => (item === 1 ? obedient(job) : item)));
    await settled();
    const [job] = scheduler;
    await job?.close();
    expect(await done).toEqual([2]);
  });

  it('does nothing before it is iterated over', () => {
    const { log, items } = source(3);
    const scheduler = new Scheduler();
    scheduler.map(items, () => {});
    expect([log, scheduler.size]).toEqual([[], 0]);
  });

  it.each<[string, unknown, unknown, MapOptions | undefined]>([
    ['source', 5, () => {}, undefined],
    ['source', undefined, () => {}, undefined],
    ['fn', [], 5, undefined],
    ['limit', [], () => {}, { limit: 0 }],
    ['ordered', [], () => {}, { ordered: 1 as never }],
    ['concurrency', [], () => {}, { concurrency: 5 } as never],
    ['failFast', [], () => {}, { failFast: false } as never],
    ['signal', [], () => {}, { signal: 5 as never }],
  ])('refuses a bad `%s` at the call', (name, items, fn, options) => {
    expect(() => new Scheduler().map(items as [], fn as () => void, options)).toThrow(name);
  });
});
