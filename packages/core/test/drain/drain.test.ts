import { type Job, JobTimeoutError, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { watched } from '@outlive/test-support/watched';
import { failWith, obedient, stubborn } from '../support/functions.ts';
import { nothing } from '../support/report.ts';
import { settled } from '../support/settled.ts';
import { fakeTimers } from '../support/timers.ts';
import { listeningScheduler } from '../support/told.ts';

afterEach(() => {
  jest.useRealTimers();
});

const ids = (jobs: readonly Job[]): number[] => jobs.map((job) => job.id);

describe('drain()', () => {
  it('of an idle scheduler resolves within the turn', async () => {
    let over = false;
    const drained = new Scheduler().drain().finally(() => (over = true));
    await nextTurn();
    expect(over).toBe(true);
    expect(await drained).toEqual(nothing);
  });

  it('counts what ends by itself, and rejects for no failure', async () => {
    const { scheduler } = listeningScheduler({ limit: 2 });
    const work = [deferred(), deferred(), deferred()] as const;
    for (const { promise } of work) scheduler.spawnNow(() => promise);
    const drained = scheduler.drain();
    work[0].resolve();
    work[1].reject(new Error('boom'));
    work[2].resolve();
    expect(await drained).toEqual({ ...nothing, completed: 2, failed: 1 });
  });

  it('counts nothing that ended before the call', async () => {
    const scheduler = new Scheduler();
    await scheduler.spawnNow(async () => 1).wait();
    expect(await scheduler.drain()).toEqual(nothing);
  });

  it('waits for jobs that are spawned during the grace, by jobs and by others', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const work = [deferred(), deferred(), deferred()] as const;
    scheduler.spawnNow(async () => {
      await work[0].promise;
      await scheduler.spawn(() => work[2].promise);
    });
    const drained = scheduler.drain();
    scheduler.spawnNow(() => work[1].promise);
    for (const each of work) {
      each.resolve();
      await settled();
    }
    expect(await drained).toEqual({ ...nothing, completed: 3 });
  });

  it('waits for a job that waits for its `after`', async () => {
    const scheduler = new Scheduler();
    const after = deferred();
    const job = scheduler.spawnNow(() => 'ran', { after: after.promise });
    const drained = scheduler.drain();
    await settled();
    expect(job.state).toBe('pending');
    after.resolve();
    expect(await drained).toEqual({ ...nothing, completed: 1 });
    expect(await job.wait()).toBe('ran');
  });

  it('waits for a spawn() that waits for room', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const waiting = scheduler.spawn(() => 'ran');
    const drained = scheduler.drain();
    work.resolve();
    expect(await drained).toEqual({ ...nothing, completed: 2 });
    expect(await (await waiting).wait()).toBe('ran');
  });

  it('cancels what is left after its timeout, pending jobs first', async () => {
    const { scheduler, told } = listeningScheduler({ limit: 2 });
    const order: string[] = [];
    const running = [1, 2].map(() =>
      scheduler.spawnNow((job) => {
        job.signal.addEventListener('abort', () => {
          order.push(`aborted with ${scheduler.pendingCount} pending`);
        });
        return obedient(job);
      }),
    );
    const body = jest.fn();
    const pending = [scheduler.spawnNow(body), scheduler.spawnNow(body)];
    const blocked = scheduler.spawnNow(body, { after: stubborn() });
    const report = await scheduler.drain({ timeout: 1 });
    expect(order).toEqual(Array(2).fill('aborted with 0 pending'));
    expect(ids(report.cancelled)).toEqual(ids(running));
    expect(new Set(report.neverStarted)).toEqual(new Set([...pending, blocked]));
    expect(report).toMatchObject({ completed: 0, failed: 0, abandoned: [] });
    expect(body).not.toHaveBeenCalled();
    await settled();
    expect(told).toEqual([]);
    expect(scheduler.size).toBe(0);
  });

  it('waits closeTimeout once for all, and names who has not settled', async () => {
    fakeTimers();
    const { scheduler, told } = listeningScheduler();
    const jobs = Array.from({ length: 20 }, () => scheduler.spawnNow(stubborn));
    const drained = watched(scheduler.drain({ timeout: 20, closeTimeout: 50 }));
    await jest.advanceTimersByTimeAsync(69);
    expect(drained.over).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(drained.over).toBe(true);
    const report = await drained.promise;
    expect(ids(report.abandoned)).toEqual(ids(jobs));
    expect(report).toMatchObject({ cancelled: [], completed: 0 });
    expect(told.map((each) => [each.message, each.job?.id])).toEqual(
      jobs.map((job) => ['Job closing timed out', job.id]),
    );
    expect(told[0]?.exception).toBeInstanceOf(JobTimeoutError);
    expect(scheduler.activeCount).toBe(20);
  });

  it('tells each abandoned job once, however many drains meet it', async () => {
    const { scheduler, told } = listeningScheduler({ closeTimeout: 0 });
    const job = scheduler.spawnNow(stubborn);
    const reports = await Promise.all([
      scheduler.drain({ timeout: 0 }),
      scheduler.drain({ timeout: 0 }),
    ]);
    reports.push(await scheduler.drain({ timeout: 0 }), await scheduler.close());
    for (const report of reports) expect(report.abandoned).toEqual([job]);
    expect(told).toHaveLength(1);
  });

  it('counts a job that returns or fails although it was cancelled', async () => {
    const { scheduler } = listeningScheduler();
    scheduler.spawnNow((job) => obedient(job).catch(() => 'saved'));
    scheduler.spawnNow((job) =>
      obedient(job).catch(() => {
        throw new Error('clean-up failed');
      }),
    );
    expect(await scheduler.drain({ timeout: 0 })).toEqual({ ...nothing, completed: 1, failed: 1 });
  });

  it('reports jobs that somebody else cancelled', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const work = deferred();
    const running = scheduler.spawnNow(() => work.promise);
    const pending = scheduler.spawnNow(() => {});
    void running.close({ reason: 'before the drain' });
    const drained = scheduler.drain();
    void pending.close();
    work.reject('before the drain');
    expect(await drained).toEqual({ ...nothing, cancelled: [running], neverStarted: [pending] });
  });

  it('stays open: jobs of the abort phase are accepted and belong to no list', async () => {
    const scheduler = new Scheduler();
    const late: Job[] = [];
    const body = deferred();
    const old = scheduler.spawnNow((job) => {
      job.signal.addEventListener('abort', () => {
        late.push(scheduler.spawnNow(() => body.promise));
        scheduler.spawnNow(() => 'ends at once');
      });
      return obedient(job);
    });
    const report = await scheduler.drain({ timeout: 0 });
    expect(report).toEqual({ ...nothing, cancelled: [old] });
    expect(late[0]?.state).toBe('active');
    expect(late[0]?.signal.aborted).toBe(false);
    body.resolve();
    await scheduler.idle();
    expect(late[0]?.outcome).toBe('completed');
    expect(scheduler.closed).toBe(false);
  });

  it('ends although jobs respawn themselves without end', async () => {
    fakeTimers();
    const scheduler = new Scheduler({ closeTimeout: 1 });
    let stop = false;
    const again = async (): Promise<void> => {
      await nextTurn();
      if (!stop) scheduler.spawnNow(again);
    };
    scheduler.spawnNow(again);
    const drained = scheduler.drain({ timeout: 20 });
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    await jest.advanceTimersByTimeAsync(20);
    const report = await drained;
    stop = true;
    expect(report.completed).toBeGreaterThan(1);
    await scheduler.idle();
  });

  it('does not resume a paused scheduler: its pending jobs never started', async () => {
    const scheduler = new Scheduler();
    scheduler.pause();
    const job = scheduler.spawnNow(() => {});
    expect(await scheduler.drain({ timeout: 1 })).toEqual({ ...nothing, neverStarted: [job] });
  });

  it('ends when a paused scheduler is resumed in time', async () => {
    const scheduler = new Scheduler();
    scheduler.pause();
    scheduler.spawnNow(() => {});
    const drained = scheduler.drain();
    scheduler.resume();
    expect(await drained).toEqual({ ...nothing, completed: 1 });
  });

  it('rejects a spawn() that still waits for room when the abort phase begins', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    const running = scheduler.spawnNow(obedient);
    const body = jest.fn();
    const waiting = scheduler.spawn(body);
    const drained = scheduler.drain({ timeout: 0 });
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    expect(await drained).toEqual({ ...nothing, cancelled: [running] });
    expect(body).not.toHaveBeenCalled();
  });

  it('with timeout 0 and closeTimeout 0 still lets obedient jobs settle', async () => {
    const scheduler = new Scheduler();
    const good = scheduler.spawnNow(obedient);
    const bad = scheduler.spawnNow(stubborn);
    jest.spyOn(console, 'error').mockImplementationOnce(() => {});
    const report = await scheduler.drain({ timeout: 0, closeTimeout: 0 });
    expect(report).toEqual({ ...nothing, cancelled: [good], abandoned: [bad] });
  });

  it.each([Infinity, 2 ** 31, Number.MAX_VALUE])('waits with timeout %p', async (timeout) => {
    const scheduler = new Scheduler({ waitTimeout: timeout });
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    let over = false;
    const drained = Promise.all([
      scheduler.drain(),
      scheduler.drain({ timeout, closeTimeout: timeout }),
    ]).finally(() => (over = true));
    await expect(job.wait({ timeout: 20 })).rejects.toBeInstanceOf(JobTimeoutError);
    expect(over).toBe(false);
    work.resolve();
    const report = { ...nothing, completed: 1 };
    expect(await drained).toEqual([report, report]);
  });

  it('gives jobs their full closeTimeout after a blocked event loop', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(
      ({ signal }) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => setTimeout(resolve, 20));
        }),
    );
    const drained = scheduler.drain({ timeout: 10, closeTimeout: 200 });
    // From the call on, `closeTimeout` would be over by then.
    const end = performance.now() + 300;
    while (performance.now() < end);
    expect(await drained).toEqual({ ...nothing, completed: 1 });
    expect(job.outcome).toBe('completed');
  });

  it('begins as often as it is called: each call has its own bounds and report', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(obedient);
    const patient = scheduler.drain({ timeout: Infinity });
    expect(await scheduler.drain({ timeout: 1 })).toEqual({ ...nothing, cancelled: [job] });
    expect(await patient).toEqual({ ...nothing, cancelled: [job] });
  });

  it('holds no timer when it is over', async () => {
    fakeTimers();
    const scheduler = new Scheduler();
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const drained = scheduler.drain();
    expect(jest.getTimerCount()).toBe(1);
    work.resolve();
    await drained;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves failures that come while it goes on to the handler', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const drained = scheduler.drain();
    scheduler.spawnNow(failWith(new Error('boom')));
    await settled();
    expect(told).toHaveLength(1);
    work.resolve();
    expect(await drained).toEqual({ ...nothing, completed: 1, failed: 1 });
  });

  it('leaves the scheduler as usable as before', async () => {
    const scheduler = new Scheduler();
    scheduler.spawnNow(obedient);
    await scheduler.drain({ timeout: 0 });
    expect(await scheduler.spawnNow(async () => 1).wait()).toBe(1);
    expect(await scheduler.drain()).toEqual(nothing);
  });
});
