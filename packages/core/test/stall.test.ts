import { observe, Scheduler, type SchedulerOptions, type SchedulerStallEvent } from '@outlive/core';

const hang = (): Promise<never> => new Promise(() => undefined);

let stalls: SchedulerStallEvent[];
let warnings: jest.SpyInstance;
let stop: () => void;

beforeEach(() => {
  jest.useFakeTimers();
  stalls = [];
  stop = observe('outlive:scheduler:stall', (event) => stalls.push(event));
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});

afterEach(() => {
  stop();
  warnings.mockRestore();
  jest.useRealTimers();
});

function full(options?: SchedulerOptions): Scheduler {
  const scheduler = new Scheduler({ limit: 1, name: 'mail', ...options });
  scheduler.spawnNow(hang, { name: 'stuck' });
  return scheduler;
}

it('a scheduler whose slots are all taken while jobs wait is stalled after stallTimeout: one event, one warning', () => {
  const scheduler = full();
  scheduler.spawnNow(hang);
  jest.advanceTimersByTime(59_999);
  expect(stalls).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(stalls).toMatchObject([{ scheduler, pending: 1, stalledFor: 60_000 }]);
  expect(stalls[0]?.active.map(({ name }) => name)).toEqual(['stuck']);
  jest.advanceTimersByTime(600_000);
  expect(stalls).toHaveLength(1);
  expect(warnings.mock.calls).toEqual([
    [
      expect.stringContaining('job 1 "stuck" for 60 s'),
      expect.objectContaining({ code: 'OUTLIVE_STALL' }),
    ],
  ]);
});

it('a job that waits for one that waits for its slot is such a stall', async () => {
  const scheduler = new Scheduler({ limit: 1, stallTimeout: 1_000 });
  scheduler.spawnNow(async () => (await scheduler.spawn(() => 1)).wait(), { name: 'parent' });
  await jest.advanceTimersByTimeAsync(1_000);
  expect(stalls[0]?.active.map(({ name }) => name)).toEqual(['parent']);
});

it('a job that settles puts it off, and what stalls again is told again', async () => {
  const scheduler = new Scheduler({ limit: 1, stallTimeout: 1_000 });
  const ends: (() => void)[] = [];
  const work = (): Promise<void> => new Promise((resolve) => ends.push(resolve));
  for (let count = 0; count < 5; count += 1) scheduler.spawnNow(work);
  for (let count = 0; count < 2; count += 1) {
    await jest.advanceTimersByTimeAsync(900);
    ends.pop()?.();
  }
  expect(stalls).toHaveLength(0);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(stalls).toHaveLength(1);
  ends.pop()?.();
  await jest.advanceTimersByTimeAsync(2_001);
  expect(stalls).toHaveLength(2);
});

it.each<[string, (scheduler: Scheduler) => void]>([
  ['nothing waits', () => undefined],
  [
    'it is paused',
    (scheduler) => {
      scheduler.pause();
      scheduler.spawnNow(hang);
    },
  ],
  ['what waits has an `after`', (scheduler) => scheduler.spawnNow(hang, { after: hang() })],
])('no stall is reported when %s', (_, spawnMore) => {
  const scheduler = full();
  spawnMore(scheduler);
  jest.advanceTimersByTime(600_000);
  expect(stalls).toEqual([]);
});

it('no stall is reported when a rate, or a key, holds back what waits', () => {
  const rated = new Scheduler({ limit: 2, rate: { starts: 1, per: 3_600_000 } });
  const keyed = new Scheduler({ limit: 2, perKey: 1 });
  for (const scheduler of [rated, keyed]) {
    scheduler.spawnNow(hang, { key: 'a' });
    scheduler.spawnNow(hang, { key: 'a' });
  }
  jest.advanceTimersByTime(600_000);
  expect(stalls).toEqual([]);
});

it('spawn() calls that wait for room are stalled as well', () => {
  const scheduler = full({ pendingLimit: 0, stallTimeout: 10 });
  void scheduler.spawn(hang);
  jest.advanceTimersByTime(10);
  expect(stalls).toMatchObject([{ pending: 1 }]);
});

it('Infinity turns it off, and a longer time than a timer of Node takes is no problem', () => {
  for (const stallTimeout of [Infinity, 2 ** 33]) {
    const scheduler = full({ stallTimeout });
    scheduler.spawnNow(hang);
  }
  jest.advanceTimersByTime(600_000);
  expect(stalls).toEqual([]);
});

it('an idle scheduler, and a closed one, hold no timer for it', async () => {
  const scheduler = new Scheduler({
    limit: 1,
    closeTimeout: 0,
    exceptionHandler: () => undefined,
  });
  const jobs = [scheduler.spawnNow(() => Promise.resolve()), scheduler.spawnNow(() => 2)];
  expect(jest.getTimerCount()).toBeGreaterThan(0);
  await Promise.all(jobs.map((job) => job.wait()));
  jest.advanceTimersByTime(1);
  expect(jest.getTimerCount()).toBe(0);
  scheduler.spawnNow(hang);
  scheduler.spawnNow(hang);
  const closed = scheduler.close();
  await jest.advanceTimersByTimeAsync(1);
  await closed;
  expect(jest.getTimerCount()).toBe(0);
});

it.each([-1, NaN, '1', null])('stallTimeout: %p is refused', (stallTimeout) => {
  expect(() => new Scheduler({ stallTimeout: stallTimeout as never })).toThrow(/stallTimeout/);
});
