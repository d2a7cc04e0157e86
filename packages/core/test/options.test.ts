import { type Job, type JobFunction, Scheduler } from '@outlive/core';
import { obedient } from './support/functions.ts';

/** A bad value, as a caller without types may give it. */
// oxlint-disable-next-line typescript/no-explicit-any -- that is the point
type Bad = any;

const notNumbers: Bad[] = ['5', null, true, {}, [], [1], 5n, () => 5, Symbol('s')];
const badTimes: [Bad, ErrorConstructor][] = [
  ...notNumbers.map((value): [Bad, ErrorConstructor] => [value, TypeError]),
  [Number.NaN, RangeError],
  [-1, RangeError],
  [-Infinity, RangeError],
];
const badCounts: [Bad, ErrorConstructor][] = [...badTimes, [1.5, RangeError], [0.1, RangeError]];
const times = 'milliseconds from 0 or Infinity';

/** One option of one call: what it is called, and what is said to be allowed. */
interface Option {
  readonly call: string;
  readonly option: string;
  readonly allowed: string;
  readonly bad: [Bad, ErrorConstructor][];
  readonly good: Bad[];
}

function typeErrors(...values: Bad[]): [Bad, ErrorConstructor][] {
  return values.map((value) => [value, TypeError]);
}

const timeOption = (call: string, option: string): Option => ({
  call,
  option,
  allowed: times,
  bad: badTimes,
  good: [undefined, 0, 0.5, 100, 2 ** 31, Infinity],
});
const signalOption = (call: string): Option => ({
  call,
  option: 'signal',
  allowed: 'an AbortSignal',
  bad: typeErrors(null, 'signal', 1, {}, [], new AbortController(), { aborted: false }),
  good: [undefined, new AbortController().signal],
});

const options: Option[] = [
  {
    call: 'new Scheduler',
    option: 'limit',
    allowed: 'a whole number from 1 or Infinity',
    bad: [...badCounts, [0, RangeError]],
    good: [undefined, 1, 2 ** 40, Infinity],
  },
  {
    call: 'new Scheduler',
    option: 'pendingLimit',
    allowed: 'a whole number from 0 or Infinity',
    bad: badCounts,
    good: [undefined, 0, 1, Infinity],
  },
  timeOption('new Scheduler', 'waitTimeout'),
  timeOption('new Scheduler', 'closeTimeout'),
  {
    call: 'new Scheduler',
    option: 'exceptionHandler',
    allowed: 'a function',
    bad: typeErrors(null, 'log', 1, {}, Promise.resolve()),
    good: [undefined, () => {}],
  },
  {
    call: 'new Scheduler',
    option: 'context',
    allowed: "'caller' or 'scheduler'",
    bad: typeErrors(null, 'Caller', '', 1, {}, ['caller']),
    good: [undefined, 'caller', 'scheduler'],
  },
  {
    call: 'new Scheduler',
    option: 'name',
    allowed: 'a string',
    bad: typeErrors(null, 1, {}, Symbol('s')),
    good: [undefined, '', 'web'],
  },
  ...['spawn', 'spawnNow'].flatMap((call): Option[] => [
    {
      call,
      option: 'name',
      allowed: 'a string',
      bad: typeErrors(null, 1, {}, Symbol('s')),
      good: [undefined, '', 'mail'],
    },
    signalOption(call),
    timeOption(call, 'timeout'),
    {
      call,
      option: 'priority',
      allowed: 'a finite number',
      bad: [
        ...typeErrors(...notNumbers),
        [Number.NaN, RangeError],
        [Infinity, RangeError],
        [-Infinity, RangeError],
      ],
      good: [undefined, 0, -0, -5, 0.5, 1e300],
    },
    {
      call,
      option: 'after',
      allowed: 'a promise',
      // oxlint-disable-next-line unicorn/no-thenable -- only looks like one
      bad: typeErrors(null, 1, 'x', {}, () => {}, { then: true }),
      good: [undefined, Promise.resolve()],
    },
  ]),
  timeOption('drain', 'timeout'),
  timeOption('drain', 'closeTimeout'),
  timeOption('waitAndClose', 'timeout'),
  timeOption('waitAndClose', 'closeTimeout'),
  signalOption('shield'),
  signalOption('idle'),
  timeOption('wait', 'timeout'),
  signalOption('wait'),
  timeOption('close', 'timeout'),
];

/** Makes the call with these options; gives what it returned. */
function makeCall(call: string, scheduler: Scheduler, job: Job, given: Bad): unknown {
  switch (call) {
    case 'new Scheduler':
      return new Scheduler(given);
    case 'spawn':
      return scheduler.spawn(() => {}, given);
    case 'spawnNow':
      return scheduler.spawnNow(() => {}, given);
    case 'shield':
      return scheduler.shield(() => {}, given);
    case 'drain':
      return scheduler.drain(given);
    case 'waitAndClose':
      return scheduler.waitAndClose(given);
    case 'idle':
      return scheduler.idle(given);
    case 'wait':
      return job.wait(given);
    case 'close':
      return job.close(given);
    default:
      throw new Error(call);
  }
}

function thrownBy(callback: () => unknown): unknown {
  try {
    callback();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each(options)('$call(): $option', ({ call, option, allowed, bad, good }) => {
  it.each(bad)(
    '%p throws at the call, names what is wrong, and changes nothing',
    async (value, type) => {
      const scheduler = new Scheduler();
      const job = scheduler.spawnNow(obedient);
      const { drainSignal } = scheduler;
      const error = thrownBy(() => makeCall(call, scheduler, job, { [option]: value }));
      expect(error).toBeInstanceOf(type);
      expect((error as Error).message).toContain(`\`${option}\` to be ${allowed}, got `);
      expect((error as Error).message).toContain(`(${typeof value})`);
      expect(scheduler).toMatchObject({ size: 1, activeCount: 1, closed: false });
      expect(job.state).toBe('active');
      expect(drainSignal.aborted).toBe(false);
      expect(scheduler.spawnNow(() => {}).id).toBe(2);
      await scheduler.close();
    },
  );

  it.each(good)('%p is taken', async (value) => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(obedient);
    const returned = makeCall(call, scheduler, job, Object.freeze({ [option]: value }));
    void Promise.resolve(returned).catch(() => {});
    await scheduler.close();
  });
});

describe.each([...new Set(options.map(({ call }) => call))])('%s()', (call) => {
  it.each([[null], ['options'], [5], [[]], [() => {}]])(
    'throws for %p in place of the options',
    async (given) => {
      const scheduler = new Scheduler();
      const job = scheduler.spawnNow(obedient);
      const error = thrownBy(() => makeCall(call, scheduler, job, given));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toContain('`options` to be an object');
      expect(scheduler).toMatchObject({ size: 1, closed: false });
      expect(job.state).toBe('active');
      await scheduler.close();
    },
  );
});

describe('the rate', () => {
  const calls: [string, (rate: Bad) => unknown][] = [
    ['new Scheduler({ rate })', (rate) => new Scheduler({ rate })],
    ['scheduler.rate = …', (rate) => (new Scheduler().rate = rate)],
  ];

  it.each(calls)('of %s is an object', (_, set) => {
    for (const bad of [null, 10, '10/s', [], () => {}] as Bad[]) {
      expect(() => set(bad)).toThrow(TypeError);
      expect(() => set(bad)).toThrow('`rate` to be an object');
    }
  });

  it.each(calls)('of %s has whole `starts` from 1', (_, set) => {
    for (const [starts, type] of [...badCounts, [0, RangeError], [undefined, TypeError]] as const) {
      const error = thrownBy(() => set({ starts, per: 1 }));
      expect(error).toBeInstanceOf(type);
      expect((error as Error).message).toContain('`rate.starts` to be a whole number from 1 or');
    }
  });

  it.each(calls)('of %s has a window `per` of finite ms above 0', (_, set) => {
    const bad = [...badTimes, [0, RangeError], [Infinity, RangeError], [undefined, TypeError]];
    for (const [per, type] of bad as typeof badTimes) {
      const error = thrownBy(() => set({ starts: 1, per }));
      expect(error).toBeInstanceOf(type);
      expect((error as Error).message).toContain('`rate.per` to be milliseconds above 0');
    }
  });

  it('is not changed by a bad one, nor by what becomes of the object that was given', () => {
    const given = { starts: 1, per: 0.5 };
    const scheduler = new Scheduler({ rate: given });
    given.starts = 9;
    expect(thrownBy(() => (scheduler.rate = { starts: 0, per: 1 }))).toBeInstanceOf(RangeError);
    expect(scheduler.rate).toEqual({ starts: 1, per: 0.5 });
  });
});

describe('scheduler.limit = …', () => {
  it.each([...badCounts, [0, RangeError] as const])(
    '%p throws and changes nothing',
    (value, type) => {
      const scheduler = new Scheduler({ limit: 7 });
      const error = thrownBy(() => (scheduler.limit = value));
      expect(error).toBeInstanceOf(type);
      expect((error as Error).message).toContain('`limit` to be a whole number from 1 or Infinity');
      expect(scheduler.limit).toBe(7);
    },
  );
});

describe('the function', () => {
  const calls: [string, (scheduler: Scheduler, fn: JobFunction<unknown>) => unknown][] = [
    ['spawn()', (scheduler, fn) => scheduler.spawn(fn)],
    ['spawnNow()', (scheduler, fn) => scheduler.spawnNow(fn)],
  ];

  it.each(calls)('of %s is a function, or TypeError is thrown at the call', async (_, spawn) => {
    const scheduler = new Scheduler();
    for (const fn of [undefined, null, 1, 'f', {}, []] as Bad[]) {
      expect(() => spawn(scheduler, fn)).toThrow(TypeError);
    }
    expect(scheduler.size).toBe(0);
    await scheduler.close();
    expect(() => spawn(scheduler, null as Bad)).toThrow(TypeError);
  });

  it.each(calls)('of %s is no promise: the error says why', (_, spawn) => {
    const promise = Promise.resolve() as Bad;
    expect(() => spawn(new Scheduler(), promise)).toThrow(/already running.*use shield\(\)/);
  });

  it('of shield() may be a promise; anything else throws', () => {
    for (const work of [undefined, null, 1, 'f', {}, []] as Bad[]) {
      expect(() => new Scheduler().shield(work)).toThrow(/`work` to be a promise or a function/);
    }
  });
});

describe('defaults', () => {
  it('are those that are documented', () => {
    expect(new Scheduler()).toMatchObject({
      limit: 100,
      pendingLimit: 10_000,
      waitTimeout: 25_000,
      closeTimeout: 100,
      exceptionHandler: undefined,
      name: undefined,
    });
  });

  it('are given by undefined as well', () => {
    const scheduler = new Scheduler({ limit: undefined, waitTimeout: undefined, name: undefined });
    expect(scheduler).toMatchObject({ limit: 100, waitTimeout: 25_000 });
  });

  it("leave the caller's object alone, whatever becomes of it", () => {
    const given = { limit: 3, name: 'web' };
    const scheduler = new Scheduler(given);
    given.limit = 9;
    given.name = 'other';
    expect(scheduler).toMatchObject({ limit: 3, name: 'web' });
  });
});
