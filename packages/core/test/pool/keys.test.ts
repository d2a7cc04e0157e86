import fc from 'fast-check';
import { JobCancelledError, PendingLimitError, Scheduler } from '@outlive/core';
import { settled } from '../support/settled.ts';

interface Entry {
  readonly name: string;
  readonly key: string | undefined;
  readonly priority: number;
}

/** Jobs that run until they are told to end, and the order in which they started. */
function bench(scheduler: Scheduler) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const spawn = ({ name, key, priority }: Entry) =>
    scheduler.spawnNow(
      () => {
        started.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      },
      { name, key, priority },
    );
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    ends.delete(name);
    await settled();
  };
  return { started, ends, spawn, end };
}

const entry = (name: string, key?: string, priority = 0): Entry => ({ name, key, priority });

describe('perKey', () => {
  it('jobs of one key share a limit below that of the scheduler; others pass them', async () => {
    const scheduler = new Scheduler({ limit: 3, perKey: 1 });
    const { started, spawn, end } = bench(scheduler);
    for (const each of [entry('a1', 'a'), entry('a2', 'a'), entry('b1', 'b'), entry('none')])
      spawn(each);
    expect(started).toEqual(['a1', 'b1', 'none']);
    expect(scheduler.pendingCount).toBe(1);
    await end('none');
    expect(started).toEqual(['a1', 'b1', 'none']);
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'none', 'a2']);
    await Promise.all(['a2', 'b1'].map(end));
    expect(scheduler.size).toBe(0);
  });

  it('a job that was passed over keeps its place', async () => {
    const scheduler = new Scheduler({ limit: 2, perKey: 1 });
    const { started, spawn, end } = bench(scheduler);
    for (const each of [entry('a1', 'a'), entry('a2', 'a'), entry('b1', 'b'), entry('b2', 'b')])
      spawn(each);
    spawn(entry('c1', 'c'));
    await end('b1');
    expect(started).toEqual(['a1', 'b1', 'b2']);
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'b2', 'a2']);
    await end('a2');
    expect(started.at(-1)).toBe('c1');
    await Promise.all(['b2', 'c1'].map(end));
  });

  it('within a key larger priority starts first, also where it came while the key was full', async () => {
    const scheduler = new Scheduler({ limit: 5, perKey: 1 });
    const { started, spawn, end } = bench(scheduler);
    spawn(entry('a1', 'a'));
    spawn(entry('low', 'a', -1));
    spawn(entry('high', 'a', 5));
    await end('a1');
    await end('high');
    await end('low');
    expect(started).toEqual(['a1', 'high', 'low']);
  });

  it('a function gives each key its limit, and is asked again once the key was forgotten', async () => {
    const asked: string[] = [];
    const perKey = (key: string): number => {
      asked.push(key);
      return key === 'big' ? 2 : 1;
    };
    const scheduler = new Scheduler({ perKey });
    const { started, spawn, end } = bench(scheduler);
    for (const name of ['x', 'y', 'z']) spawn(entry(`big-${name}`, 'big'));
    spawn(entry('small-x', 'small'));
    spawn(entry('small-y', 'small'));
    expect(started).toEqual(['big-x', 'big-y', 'small-x']);
    expect(asked).toEqual(['big', 'small']);
    for (const name of ['big-x', 'big-y', 'small-x', 'big-z', 'small-y']) await end(name);
    spawn(entry('again', 'big'));
    expect(asked).toEqual(['big', 'small', 'big']);
    await end('again');
  });

  it.each([0, -1, 1.5, NaN, '2', null])(
    'a limit of %p is refused at the call, and nothing has changed',
    (bad) => {
      expect(() => new Scheduler({ perKey: bad as number })).toThrow('`perKey`');
      const scheduler = new Scheduler({ perKey: () => bad as number });
      expect(() => scheduler.spawnNow(() => {}, { key: 'a' })).toThrow('`perKey(key)`');
      expect(() => scheduler.spawn(() => {}, { key: 'a' })).toThrow('`perKey(key)`');
      expect(scheduler.size).toBe(0);
    },
  );

  it('what a function of keys throws is thrown at the call, and nothing has changed', async () => {
    const error = new Error('no such tenant');
    const scheduler = new Scheduler({
      perKey: () => {
        throw error;
      },
    });
    expect(() => scheduler.spawnNow(() => {}, { key: 'a' })).toThrow(error);
    expect(scheduler.size).toBe(0);
    await scheduler.idle();
  });

  it.each([1, null, Symbol('a'), {}])('a key of %p is refused', (key) => {
    expect(() => new Scheduler().spawnNow(() => {}, { key: key as string })).toThrow('`key`');
  });

  it('any string is a key, also those that objects have as names', async () => {
    const scheduler = new Scheduler({ perKey: 1 });
    const { started, spawn, end } = bench(scheduler);
    const keys = ['__proto__', 'constructor', '', 'toString'];
    for (const key of keys) {
      spawn(entry(`${key}-1`, key));
      spawn(entry(`${key}-2`, key));
    }
    expect(started).toEqual(keys.map((key) => `${key}-1`));
    for (const key of keys) await end(`${key}-1`);
    for (const key of keys) await end(`${key}-2`);
    expect(scheduler.size).toBe(0);
  });

  it('a job held back by its key is pending, counts for pendingLimit, and can be cancelled', async () => {
    const scheduler = new Scheduler({ perKey: 1, pendingLimit: 1 });
    const { started, spawn, end } = bench(scheduler);
    spawn(entry('a1', 'a'));
    const held = spawn(entry('a2', 'a'));
    expect(held.state).toBe('pending');
    expect(() => spawn(entry('a3', 'a'))).toThrow(PendingLimitError);
    spawn(entry('b1', 'b'));
    const waiting = scheduler.spawn(() => 'later', { key: 'a' });
    const gone = held.wait();
    void held.close();
    await expect(gone).rejects.toThrow(JobCancelledError);
    const later = await waiting;
    expect(later.pending).toBe(true);
    await end('a1');
    expect(await later.wait()).toBe('later');
    await end('b1');
    expect(started).toEqual(['a1', 'b1']);
  });

  it('where no job may be pending, a call whose key is full does not hold back the others', async () => {
    const scheduler = new Scheduler({ limit: 2, perKey: 1, pendingLimit: 0 });
    const { spawn, end } = bench(scheduler);
    spawn(entry('a1', 'a'));
    const waiting = scheduler.spawn(() => 'a2', { key: 'a' });
    expect(await (await scheduler.spawn(() => 'b1', { key: 'b' })).wait()).toBe('b1');
    await end('a1');
    expect(await (await waiting).wait()).toBe('a2');
  });

  it('a job that waits for its after takes no place of its key before', async () => {
    const scheduler = new Scheduler({ perKey: 1 });
    const { started, spawn, end } = bench(scheduler);
    let release!: () => void;
    const after = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = scheduler.spawnNow(() => 'first', { key: 'a', after });
    spawn(entry('a2', 'a'));
    spawn(entry('a3', 'a'));
    expect(started).toEqual(['a2']);
    release();
    await settled();
    expect(first.pending).toBe(true);
    await end('a2');
    // The older one, which stands where it would have stood without `after`.
    expect(await first.wait()).toBe('first');
    await settled();
    expect(started).toEqual(['a2', 'a3']);
    await end('a3');
  });

  it('a cancelled job holds the place of its key until its function has settled', async () => {
    const scheduler = new Scheduler({ perKey: 1 });
    const { started, spawn, end } = bench(scheduler);
    const first = spawn(entry('a1', 'a'));
    spawn(entry('a2', 'a'));
    const closing = first.close({ timeout: 0 });
    await expect(closing).rejects.toThrow('did not settle');
    expect(started).toEqual(['a1']);
    await end('a1');
    expect(started).toEqual(['a1', 'a2']);
    await end('a2');
  });

  it('close() ends what its key held back, and the report names it', async () => {
    const scheduler = new Scheduler({ perKey: 1 });
    const { spawn, ends } = bench(scheduler);
    const running = spawn(entry('a1', 'a'));
    const held = spawn(entry('a2', 'a'));
    const closing = scheduler.close();
    for (const end of ends.values()) end();
    const report = await closing;
    expect(report.neverStarted).toEqual([held]);
    expect([...report.cancelled, ...report.abandoned, running.outcome]).toContain('completed');
  });
});

describe('fair', () => {
  it('free slots go round the keys that wait', async () => {
    const scheduler = new Scheduler({ limit: 1, fair: true });
    const { started, spawn, end } = bench(scheduler);
    for (const name of ['a1', 'a2', 'a3', 'a4']) spawn(entry(name, 'a'));
    for (const name of ['b1', 'b2']) spawn(entry(name, 'b'));
    spawn(entry('n1'));
    spawn(entry('n2'));
    while (scheduler.size > 0) await end(started.at(-1) as string);
    expect(started).toEqual(['a1', 'b1', 'n1', 'a2', 'b2', 'n2', 'a3', 'a4']);
  });

  it('larger priority goes before anybody’s turn', async () => {
    const scheduler = new Scheduler({ limit: 1, fair: true });
    const { started, spawn, end } = bench(scheduler);
    for (const name of ['a1', 'a2']) spawn(entry(name, 'a'));
    spawn(entry('b1', 'b'));
    spawn(entry('a3', 'a', 1));
    while (scheduler.size > 0) await end(started.at(-1) as string);
    expect(started).toEqual(['a1', 'a3', 'b1', 'a2']);
  });

  it.each([1, 'yes', null])('%p is refused', (fair) => {
    expect(() => new Scheduler({ fair: fair as unknown as boolean })).toThrow('`fair`');
  });
});

/** The same by a look at every job. */
class Model {
  pending: (Entry & { readonly id: number })[] = [];
  running: Entry[] = [];
  readonly started: string[] = [];
  readonly #turns = new Map<string | undefined, number>();
  #id = 0;

  readonly limit: number;
  readonly perKey: number;
  readonly fair: boolean;

  constructor(limit: number, perKey: number, fair: boolean) {
    this.limit = limit;
    this.perKey = perKey;
    this.fair = fair;
  }

  spawn(job: Entry): void {
    this.#id += 1;
    this.pending.push({ ...job, id: this.#id });
    this.fill();
  }

  end(name: string): void {
    this.running = this.running.filter((job) => job.name !== name);
    this.#forget();
    this.fill();
  }

  cancel(name: string): void {
    this.pending = this.pending.filter((job) => job.name !== name);
    this.#forget();
  }

  fill(): void {
    while (this.running.length < this.limit) {
      const open = this.pending.filter(({ key }) => key === undefined || !this.#isFull(key));
      const oldest = (this.started.length + 1) % 16 === 0;
      const turn = ({ key }: Entry): number => (this.fair ? (this.#turns.get(key) ?? 0) : 0);
      const [next] = open.toSorted((a, b) =>
        oldest ? a.id - b.id : b.priority - a.priority || turn(a) - turn(b) || a.id - b.id,
      );
      if (next === undefined) return;
      this.pending = this.pending.filter((job) => job !== next);
      this.running.push(next);
      this.started.push(next.name);
      this.#turns.set(next.key, this.started.length);
    }
  }

  #isFull(key: string): boolean {
    return this.running.filter((job) => job.key === key).length >= this.perKey;
  }

  #forget(): void {
    const live = new Set([...this.pending, ...this.running].map(({ key }) => key));
    for (const key of this.#turns.keys()) if (!live.has(key)) this.#turns.delete(key);
  }
}

it('keys, priorities, turns and cancellation in any order start what a look at every job would', async () => {
  const command = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('spawn' as const),
        key: fc.constantFrom('a', 'b', 'c', 'd', undefined),
        priority: fc.constantFrom(0, 0, 0, 1, -2),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), at: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), at: fc.nat() }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.record({ limit: fc.integer({ min: 1, max: 4 }), fair: fc.boolean() }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(command, { maxLength: 60, size: 'max' }),
      async ({ limit, fair }, perKey, commands) => {
        const scheduler = new Scheduler({ limit, perKey, fair });
        const model = new Model(limit, perKey, fair);
        const { started, spawn, end } = bench(scheduler);
        for (const [index, each] of commands.entries()) {
          if (each.do === 'spawn') {
            const job = entry(`${index}`, each.key, each.priority);
            spawn(job);
            model.spawn(job);
          } else if (each.do === 'end' && model.running.length > 0) {
            const { name } = model.running[each.at % model.running.length] as Entry;
            await end(name);
            model.end(name);
          } else if (each.do === 'cancel' && model.pending.length > 0) {
            const { name } = model.pending[each.at % model.pending.length] as Entry;
            for (const job of scheduler) if (job.name === name) await job.close();
            model.cancel(name);
          }
          expect(started).toEqual(model.started);
          expect(scheduler.pendingCount).toBe(model.pending.length);
          expect(scheduler.activeCount).toBe(model.running.length);
        }
        while (model.running.length > 0) {
          const { name } = model.running[0] as Entry;
          await end(name);
          model.end(name);
        }
        expect(started).toEqual(model.started);
        expect(scheduler.size).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});
