import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { setImmediate } from 'node:timers/promises';
import { observe, type OutliveEvents, Scheduler } from '@outlive/core';

function fail(): never {
  throw new Error('a bad subscriber');
}

type Name = keyof OutliveEvents;
interface Published {
  readonly name: Name;
  readonly event: OutliveEvents[Name];
}

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Everything that is published from now on to the end of the test. */
function published(...only: Name[]): Published[] {
  const all: Published[] = [];
  const names: Name[] = [
    'outlive:job:spawn',
    'outlive:job:start',
    'outlive:job:settle',
    'outlive:job:cancel',
    'outlive:job:refuse',
    'outlive:job:retry',
    'outlive:scheduler:drain',
    'outlive:scheduler:close',
  ];
  for (const name of only.length > 0 ? only : names) {
    stops.push(observe(name, (event) => all.push({ name, event })));
  }
  return all;
}

/** Each as its name and the id of its job. */
function shortly(all: readonly Published[]): string[] {
  return all.map(({ name, event }) => {
    const { job } = event as { job?: { id: number } };
    return `${name.replace(/^outlive:(?:job:)?/, '')}${job === undefined ? '' : ` ${job.id}`}`;
  });
}

const eventOf = <K extends Name>(all: readonly Published[], name: K): OutliveEvents[K] =>
  all.find((each) => each.name === name)?.event as OutliveEvents[K];

describe('the channels of jobs', () => {
  it('publish a spawn, one start and one settle of a job, with the times that it waited and ran', async () => {
    const all = published();
    const scheduler = new Scheduler({ name: 'mail' });
    const job = await scheduler.spawn(async () => 42, { name: 'receipt' });
    await job.wait();
    expect(shortly(all)).toEqual(['spawn 1', 'start 1', 'settle 1']);
    expect(eventOf(all, 'outlive:job:start')).toMatchObject({ job, scheduler, attempt: 1 });
    const { wait, run, outcome, error, kind, request } = eventOf(all, 'outlive:job:settle');
    expect({ outcome, error, kind, request }).toEqual({
      outcome: 'completed',
      error: undefined,
      kind: 'function',
      request: undefined,
    });
    expect(wait).toBeGreaterThanOrEqual(0);
    expect(run).toBeGreaterThanOrEqual(0);
  });

  it('publish the settle of a job before the start of the one that gets its slot', async () => {
    const all = published();
    const scheduler = new Scheduler({ limit: 1 });
    await scheduler.spawn(async () => setImmediate());
    const second = await scheduler.spawn(() => 2);
    await second.wait();
    expect(shortly(all)).toEqual([
      'spawn 1',
      'start 1',
      'spawn 2',
      'settle 1',
      'start 2',
      'settle 2',
    ]);
  });

  it('publish the error of a failed job, and of a cancelled one the reason', async () => {
    const all = published('outlive:job:settle');
    const scheduler = new Scheduler();
    const error = new Error('no paper');
    const failed = await scheduler.spawn(() => Promise.reject(error));
    await failed.wait().catch(() => undefined);
    const cancelled = await scheduler.spawn(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    await cancelled.close({ reason: 'enough' });
    expect(all.map(({ event }) => event)).toMatchObject([
      { job: failed, outcome: 'failed', error },
      { job: cancelled, outcome: 'cancelled', error: 'enough' },
    ]);
  });

  it('publish that a pending job was cancelled, and its end without a start', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const running = await scheduler.spawn(async ({ signal }) => {
      while (!signal.aborted) await setImmediate();
    });
    const all = published();
    const pending = await scheduler.spawn(() => 2);
    await pending.close({ reason: 'too late' });
    // It looks in each turn, and a turn may take its time.
    await running.close({ timeout: Infinity });
    expect(shortly(all)).toEqual(['spawn 2', 'cancel 2', 'settle 2', 'cancel 1', 'settle 1']);
    expect(all[1]?.event).toMatchObject({ reason: 'too late', running: false });
    expect(all[2]?.event).toMatchObject({ outcome: 'cancelled', run: undefined });
    expect(all[3]?.event).toMatchObject({ running: true });
  });

  it('publish each attempt, with the delay until the next', async () => {
    const all = published();
    const scheduler = new Scheduler();
    let calls = 0;
    const job = await scheduler.spawn(
      () => {
        calls += 1;
        if (calls < 3) throw new Error(`attempt ${calls}`);
      },
      { retry: { retries: 2, delay: 1, factor: 1, jitter: false } },
    );
    await job.wait();
    expect(shortly(all)).toEqual([
      'spawn 1',
      'start 1',
      'retry 1',
      'start 1',
      'retry 1',
      'start 1',
      'settle 1',
    ]);
    expect(all[2]?.event).toMatchObject({ attempt: 1, delay: 1 });
    expect(all[5]?.event).toMatchObject({ attempt: 3 });
    expect(all[6]?.event).toMatchObject({ attempt: 3, outcome: 'completed' });
  });

  it('publish what makes no job, once', async () => {
    const all = published('outlive:job:refuse', 'outlive:job:settle', 'outlive:job:spawn');
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0, closeTimeout: 0 });
    await scheduler.spawn(
      ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        }),
    );
    expect(() => scheduler.spawnNow(() => 1, { name: 'late' })).toThrow(/No room/);
    const waiting = scheduler.spawn(() => 2, { name: 'waiting' });
    await scheduler.close();
    await expect(waiting).rejects.toThrow(/closed/);
    await expect(scheduler.spawn(() => 3)).rejects.toThrow(/closed/);
    expect(shortly(all)).toEqual(['spawn 1', 'refuse', 'refuse', 'settle 1', 'refuse']);
    expect(all[1]?.event).toMatchObject({ name: 'late', error: { code: 'ERR_PENDING_LIMIT' } });
    expect(all[2]?.event).toMatchObject({
      name: 'waiting',
      error: { code: 'ERR_SCHEDULER_CLOSED' },
    });
    expect(scheduler.stats().refused).toBe(3);
  });

  it('are heard from the moment of the subscription on: a job that was spawned before settles', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    await scheduler.spawn(async () => setImmediate());
    const second = await scheduler.spawn(() => 2);
    const all = published();
    await second.wait();
    expect(shortly(all)).toEqual(['settle 1', 'start 2', 'settle 2']);
  });

  it('let a subscriber that throws disturb nothing', async () => {
    const print = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    for (const name of ['outlive:job:spawn', 'outlive:job:start', 'outlive:job:settle'] as const) {
      stops.push(observe(name, fail));
    }
    const store = new AsyncLocalStorage();
    const start = channel('outlive:job:start');
    start.bindStore(store, fail);
    stops.push(() => void start.unbindStore(store));
    const all = published();
    const job = await new Scheduler().spawn(async () => 42);
    await expect(job.wait()).resolves.toBe(42);
    await setImmediate();
    expect(shortly(all)).toEqual(['spawn 1', 'start 1', 'settle 1']);
    expect(print).toHaveBeenCalledTimes(4);
    print.mockRestore();
  });

  it('may cancel a job, or spawn another, while they publish', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    stops.push(
      observe('outlive:job:spawn', ({ job }) => {
        if (job.name === 'unwanted') void job.close();
      }),
      observe('outlive:job:settle', ({ job }) => {
        if (job.name === 'first') scheduler.spawnNow(() => undefined, { name: 'third' });
      }),
    );
    const all = published('outlive:job:settle');
    await scheduler.spawn(async () => setImmediate(), { name: 'first' });
    const unwanted = await scheduler.spawn(() => 1, { name: 'unwanted' });
    await scheduler.spawn(() => 2, { name: 'second' });
    await scheduler.idle();
    expect(unwanted.outcome).toBe('cancelled');
    const names = all.map(({ event }) => (event as { job: { name: string } }).job.name);
    expect(names).toEqual(['unwanted', 'first', 'second', 'third']);
    expect(scheduler.size).toBe(0);
  });

  it('run the function of a job in the stores that are bound to its start, and only that', async () => {
    const store = new AsyncLocalStorage<string>();
    const start = channel('outlive:job:start');
    start.bindStore(store, (event) => `job ${(event as { job: { id: number } }).job.id}`);
    stops.push(() => void start.unbindStore(store));
    const scheduler = new Scheduler({ limit: 1 });
    const seen = async (): Promise<unknown> => {
      await setImmediate();
      return store.getStore();
    };
    const jobs = [await scheduler.spawn(seen), await scheduler.spawn(seen)];
    expect(await Promise.all(jobs.map((job) => job.wait()))).toEqual(['job 1', 'job 2']);
    expect(store.getStore()).toBeUndefined();
  });
});

describe('the channels of schedulers', () => {
  it('publish a drain when it begins, and a close', async () => {
    const all = published('outlive:scheduler:drain', 'outlive:scheduler:close');
    const scheduler = new Scheduler();
    await scheduler.spawn(async () => setImmediate());
    await scheduler.drain({ timeout: 1_000 });
    await scheduler.close();
    await scheduler.close();
    expect(shortly(all)).toEqual(['scheduler:drain', 'scheduler:close']);
    const drain = eventOf(all, 'outlive:scheduler:drain');
    expect(drain).toMatchObject({ scheduler, timeout: 1_000, all: true });
    expect(await drain.report).toMatchObject({ completed: 1 });
  });
});

it('observe() refuses what is no function', () => {
  expect(() => observe('outlive:job:spawn', 1 as never)).toThrow(TypeError);
});

it('observe() refuses a channel that there is not, and names the one that may be meant', () => {
  const observeAny = observe as (channel: unknown, listener: () => void) => void;
  expect(() => observeAny('outlive:job:setle', () => {})).toThrow(
    "`channel` to be one of OutliveEvents, got 'outlive:job:setle' (string). Did you mean 'outlive:job:settle'?",
  );
  expect(() => observeAny('toString', () => {})).toThrow(TypeError);
});
