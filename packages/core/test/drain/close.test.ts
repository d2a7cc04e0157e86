import { Scheduler, SchedulerClosedError } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { watched } from '@outlive/test-support/watched';
import { obedient, stubborn } from '../support/functions.ts';
import { nothing } from '../support/report.ts';
import { settled } from '../support/settled.ts';
import { fakeTimers } from '../support/timers.ts';
import { listeningScheduler } from '../support/told.ts';

afterEach(() => {
  jest.useRealTimers();
});

describe('close()', () => {
  it('of an idle scheduler resolves within the turn', async () => {
    const scheduler = new Scheduler();
    let over = false;
    const closed = scheduler.close().finally(() => (over = true));
    expect(scheduler.closed).toBe(true);
    await nextTurn();
    expect(over).toBe(true);
    expect(await closed).toEqual(nothing);
  });

  it('cancels running and pending jobs at once', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const running = scheduler.spawnNow(obedient);
    const body = jest.fn();
    const pending = scheduler.spawnNow(body);
    const closed = scheduler.close();
    expect(running.state).toBe('closing');
    expect(pending.state).toBe('closed');
    expect(await closed).toEqual({ ...nothing, cancelled: [running], neverStarted: [pending] });
    expect(body).not.toHaveBeenCalled();
  });

  it('lets no function start any more, however its slots come free', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 1 });
    const body = jest.fn();
    scheduler.spawnNow((job) => {
      job.signal.addEventListener('abort', () => {
        scheduler.limit = 10;
        scheduler.resume();
        void scheduler.spawn(body).catch(() => {});
        expect(() => scheduler.spawnNow(body)).toThrow(SchedulerClosedError);
      });
      return obedient(job);
    });
    scheduler.spawnNow(body);
    const waiting = scheduler.spawn(body);
    const after = deferred();
    const closed = scheduler.close();
    await expect(waiting).rejects.toBeInstanceOf(SchedulerClosedError);
    after.resolve();
    await closed;
    await settled();
    expect(body).not.toHaveBeenCalled();
  });

  it('lets no job start whose `after` settles later', async () => {
    const scheduler = new Scheduler();
    const body = jest.fn();
    const after = deferred();
    const job = scheduler.spawnNow(body, { after: after.promise });
    expect(await scheduler.close()).toEqual({ ...nothing, neverStarted: [job] });
    after.resolve();
    await settled();
    expect(body).not.toHaveBeenCalled();
    expect(scheduler.size).toBe(0);
  });

  it.each(['close', 'waitAndClose'] as const)(
    'after it, %s() shares its outcome',
    async (again) => {
      const scheduler = new Scheduler();
      const job = scheduler.spawnNow(obedient);
      const both = [scheduler.close(), scheduler[again]()];
      const [first, second] = await Promise.all(both);
      expect(first).toEqual({ ...nothing, cancelled: [job] });
      expect(second).toBe(first);
      expect(await scheduler[again]()).toBe(first);
    },
  );

  it('gives closeTimeout once for all jobs, and tells of each abandoned one once', async () => {
    fakeTimers();
    const { scheduler, told } = listeningScheduler({ closeTimeout: 50 });
    const jobs = Array.from({ length: 20 }, () => scheduler.spawnNow(stubborn));
    const closing = watched(Promise.all([scheduler.close(), scheduler.close()]));
    await jest.advanceTimersByTimeAsync(49);
    expect(closing.over).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(closing.over).toBe(true);
    for (const report of await closing.promise) {
      expect(report).toEqual({ ...nothing, abandoned: jobs });
    }
    await scheduler.close();
    expect(told.map((each) => each.message)).toEqual(Array(20).fill('Job closing timed out'));
  });

  it('leaves pending no promise that the scheduler gave out, but wait() of an abandoned job', async () => {
    const { scheduler } = listeningScheduler({ limit: 2, pendingLimit: 1, closeTimeout: 1 });
    const abandoned = scheduler.spawnNow(stubborn);
    const running = scheduler.spawnNow(obedient);
    const pending = scheduler.spawnNow(() => {});
    const open: Record<string, Promise<unknown>> = {
      'wait() of a running job': running.wait(),
      'wait({ timeout })': running.wait({ timeout: 60_000 }),
      'close() of a running job': running.close({ timeout: 60_000 }),
      'wait() of a pending job': pending.wait(),
      'spawn()': scheduler.spawn(() => {}),
      'second spawn()': scheduler.spawn(() => {}, { priority: 5 }),
      'spawn() with after': scheduler.spawn(() => {}, { after: stubborn() }),
      'idle()': scheduler.idle(),
      'shield(promise)': scheduler.shield(stubborn()),
      'shield(function)': scheduler.shield(stubborn),
      'drain()': scheduler.drain(),
      'waitAndClose()': scheduler.waitAndClose(),
      'second drain()': scheduler.drain({ timeout: Infinity }),
    };
    const still = new Set(Object.keys(open));
    for (const [name, promise] of Object.entries(open)) {
      void promise.catch(() => {}).then(() => still.delete(name));
    }
    let waited = false;
    void abandoned.wait().finally(() => (waited = true));
    const report = await scheduler.close();
    await settled();
    expect([...still]).toEqual([]);
    expect(waited).toBe(false);
    expect(report).toEqual({
      ...nothing,
      cancelled: [running],
      neverStarted: [pending],
      abandoned: [abandoned],
      shields: 2,
    });
    await expect(open['idle()']).rejects.toBeInstanceOf(SchedulerClosedError);
    await expect(open['shield(promise)']).rejects.toBeInstanceOf(SchedulerClosedError);
    await expect(open['shield(function)']).rejects.toBeInstanceOf(SchedulerClosedError);
    await expect(open['spawn() with after']).rejects.toBeInstanceOf(SchedulerClosedError);
    await open['drain()'];
  });

  it('refuses everything afterwards', async () => {
    const { scheduler } = listeningScheduler();
    await scheduler.close();
    const body = jest.fn();
    await expect(scheduler.spawn(body)).rejects.toBeInstanceOf(SchedulerClosedError);
    expect(() => scheduler.spawnNow(body)).toThrow(SchedulerClosedError);
    await expect(scheduler.shield(body)).rejects.toBeInstanceOf(SchedulerClosedError);
    await expect(scheduler.idle()).rejects.toBeInstanceOf(SchedulerClosedError);
    expect(await scheduler.drain()).toBe(await scheduler.close());
    expect(body).not.toHaveBeenCalled();
  });

  it('ends a drain that is under way, which reports the same jobs', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(obedient);
    const drained = scheduler.drain({ timeout: Infinity });
    await scheduler.close();
    expect(await drained).toEqual({ ...nothing, cancelled: [job] });
  });

  it('leaves other schedulers alone', async () => {
    const [one, other] = [new Scheduler(), new Scheduler()];
    const job = other.spawnNow(obedient);
    await one.close();
    expect(job.state).toBe('active');
    expect(other.closed).toBe(false);
    await other.close();
  });

  it('holds no timer when it is over, an abandoned job or not', async () => {
    fakeTimers();
    const { scheduler } = listeningScheduler({ closeTimeout: 1 });
    const job = scheduler.spawnNow(stubborn, { timeout: 60_000 });
    void scheduler.waitAndClose({ timeout: 60_000, closeTimeout: 1 });
    void scheduler.drain({ timeout: 60_000 });
    const closed = scheduler.close();
    await jest.advanceTimersByTimeAsync(1);
    expect(await closed).toMatchObject({ abandoned: [job] });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not spin when a job has settled but nobody has noticed yet', async () => {
    const scheduler = new Scheduler();
    const work = deferred<number>();
    const job = scheduler.spawnNow(() => work.promise);
    work.resolve(1);
    expect(await scheduler.close()).toEqual({ ...nothing, completed: 1 });
    expect(await job.wait()).toBe(1);
  });

  it.each([0, Infinity])('takes closeTimeout %p', async (closeTimeout) => {
    const scheduler = new Scheduler({ closeTimeout });
    const job = scheduler.spawnNow(obedient);
    expect(await scheduler.close()).toEqual({ ...nothing, cancelled: [job] });
  });
});
