import { type DrainReport, Scheduler, SchedulerClosedError } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { obedient, stubborn } from './support/functions.ts';
import { settled } from './support/settled.ts';
import { listeningScheduler } from './support/told.ts';
import { fakeTimers } from './support/timers.ts';

afterEach(() => {
  jest.useRealTimers();
});

const nothing = {
  completed: 0,
  failed: 0,
  cancelled: [],
  neverStarted: [],
  abandoned: [],
  shields: 0,
};

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
    const { scheduler, told } = listeningScheduler({ closeTimeout: 50 });
    const jobs = Array.from({ length: 20 }, () => scheduler.spawnNow(stubborn));
    const start = performance.now();
    const reports = await Promise.all([scheduler.close(), scheduler.close()]);
    expect(performance.now() - start).toBeLessThan(500); // 20 times 50 would be 1,000
    for (const report of reports) expect(report).toEqual({ ...nothing, abandoned: jobs });
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

describe('waitAndClose()', () => {
  it('gives the grace of drain(), then closes for good', async () => {
    const scheduler = new Scheduler();
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const closed = scheduler.waitAndClose();
    expect(scheduler.closed).toBe(false);
    const late = await scheduler.spawn(() => 'accepted');
    work.resolve();
    expect(await closed).toEqual({ ...nothing, completed: 2 });
    expect(await late.wait()).toBe('accepted');
    expect(scheduler.closed).toBe(true);
    await expect(scheduler.spawn(() => {})).rejects.toBeInstanceOf(SchedulerClosedError);
  });

  it('cancels what is left after its timeout, and accepts nothing from then on', async () => {
    const scheduler = new Scheduler();
    const refused = deferred<unknown>();
    const job = scheduler.spawnNow((self) => {
      self.signal.addEventListener('abort', () => {
        expect(scheduler.closed).toBe(true);
        scheduler.spawn(() => {}).catch(refused.resolve);
      });
      return obedient(self);
    });
    expect(await scheduler.waitAndClose({ timeout: 1 })).toEqual({ ...nothing, cancelled: [job] });
    expect(await refused.promise).toBeInstanceOf(SchedulerClosedError);
  });

  it('called again joins the first call, whatever its options', async () => {
    const scheduler = new Scheduler();
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const first = scheduler.waitAndClose();
    const second = scheduler.waitAndClose({ timeout: 0, closeTimeout: 0 });
    await settled();
    expect(scheduler.closed).toBe(false);
    work.resolve();
    expect(await second).toBe(await first);
    expect(await scheduler.waitAndClose()).toBe(await first);
  });

  it('is cut short by close(), which shares the outcome', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(obedient);
    const graceful = scheduler.waitAndClose({ timeout: Infinity });
    const closed = scheduler.close();
    expect(job.state).toBe('closing');
    expect(await closed).toBe(await graceful);
    expect(await graceful).toEqual({ ...nothing, cancelled: [job] });
  });

  it('keeps its own closeTimeout when close() cuts it short', async () => {
    const { scheduler } = listeningScheduler({ closeTimeout: Infinity });
    const job = scheduler.spawnNow(stubborn);
    void scheduler.waitAndClose({ closeTimeout: 1 });
    expect(await scheduler.close()).toEqual({ ...nothing, abandoned: [job] });
  });

  it('is what `await using` does', async () => {
    const scheduler = new Scheduler();
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    const disposed = scheduler[Symbol.asyncDispose]();
    work.resolve();
    expect(await disposed).toBeUndefined();
    expect(job.outcome).toBe('completed');
    expect(scheduler.closed).toBe(true);
  });
});

describe('a listener of `draining` that closes the scheduler', () => {
  it.each(['drain', 'waitAndClose', 'close'] as const)('ends %s() well', async (end) => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(obedient);
    let inner: Promise<DrainReport> | undefined;
    scheduler.draining.addEventListener('abort', () => {
      inner = scheduler.close();
    });
    const outer = await scheduler[end]({ timeout: Infinity });
    expect(await inner).toEqual({ ...nothing, cancelled: [job] });
    expect(outer).toEqual({ ...nothing, cancelled: [job] });
  });
});

// Without a time limit anywhere: whoever waits for himself would wait for ever.
describe('from inside a job', () => {
  const patient = { closeTimeout: Infinity, waitTimeout: Infinity };

  it.each(['drain', 'waitAndClose', 'close'] as const)(
    '%s() does not wait for that job, nor list it',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const job = scheduler.spawnNow(async () => {
        await nextTurn();
        return scheduler[end]();
      });
      expect(await job.wait()).toEqual(nothing);
      expect(job.outcome).toBe('completed');
    },
  );

  it.each(['drain', 'waitAndClose', 'close'] as const)(
    '%s() leaves the job out also when it ends before the call is over',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const work = deferred();
      scheduler.spawnNow(() => work.promise);
      const ended = deferred<DrainReport>();
      const job = scheduler.spawnNow(async () => {
        await nextTurn();
        void scheduler[end]().then(ended.resolve);
      });
      await job.wait();
      work.resolve();
      expect(await ended.promise).toEqual({ ...nothing, completed: 1 });
    },
  );

  it('close() aborts its signal', async () => {
    const scheduler = new Scheduler(patient);
    const job = scheduler.spawnNow(async ({ signal }) => {
      await scheduler.close();
      return signal.aborted;
    });
    expect(await job.wait()).toBe(true);
  });

  it('drain() does not abort its signal', async () => {
    const scheduler = new Scheduler(patient);
    const job = scheduler.spawnNow(async ({ signal }) => {
      await scheduler.drain({ timeout: 0 });
      return signal.aborted;
    });
    expect(await job.wait()).toBe(false);
  });

  it.each(['drain', 'waitAndClose', 'close'] as const)(
    '%s() waits for, and lists, the other jobs',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const other = scheduler.spawnNow(obedient);
      const job = scheduler.spawnNow(() => scheduler[end]({ timeout: 1 }));
      expect(await job.wait()).toEqual({ ...nothing, cancelled: [other] });
    },
  );

  it.each([
    ['drain', 'drain'],
    ['waitAndClose', 'waitAndClose'],
    ['close', 'close'],
    ['drain', 'close'],
    ['close', 'drain'],
    ['waitAndClose', 'close'],
    ['close', 'waitAndClose'],
    ['drain', 'waitAndClose'],
  ] as const)('%s() in one and %s() in another do not wait for each other', async (one, other) => {
    const { scheduler, told } = listeningScheduler(patient);
    const jobs = [one, other].map((end) =>
      scheduler.spawnNow(async () => {
        await nextTurn();
        await scheduler[end]();
      }),
    );
    await Promise.all(jobs.map((job) => job.wait()));
    expect(scheduler.size).toBe(0);
    expect(told).toEqual([]);
  });

  it.each([
    ['close', 'close'],
    ['close', 'waitAndClose'],
    ['close', 'drain'],
    ['waitAndClose', 'close'],
    ['waitAndClose', 'waitAndClose'],
    ['drain', 'close'],
    ['drain', 'waitAndClose'],
    ['drain', 'drain'],
  ] as const)('%s() is not held by a job that, cancelled by it, calls %s()', async (one, other) => {
    const scheduler = new Scheduler(patient);
    const cancelled = scheduler.spawnNow(async (job) => {
      await obedient(job).catch(() => {});
      await scheduler[other]();
    });
    const job = scheduler.spawnNow(async () => {
      await nextTurn();
      await scheduler[one]({ timeout: 0 });
    });
    await Promise.all([job.wait(), cancelled.wait()]);
    expect(scheduler.size).toBe(0);
  });

  it.each(['close', 'waitAndClose'] as const)(
    'a call that joins a close() from outside resolves, and so does that: %s()',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const job = scheduler.spawnNow(async (self) => {
        await obedient(self).catch(() => {});
        return scheduler[end]();
      });
      const report = await scheduler.close();
      expect(report).toEqual(nothing);
      expect(await job.wait()).toBe(report);
    },
  );

  it.each(['drain', 'waitAndClose', 'close'] as const)(
    '%s() in a shielded function waits neither for that nor for the job around it',
    async (end) => {
      const scheduler = new Scheduler(patient);
      const job = scheduler.spawnNow(() =>
        scheduler.shield(async () => {
          await nextTurn();
          return scheduler[end]();
        }),
      );
      await job.wait().catch(() => {});
      expect(scheduler.size).toBe(0);
      const shielded = new Scheduler(patient);
      let report: DrainReport | undefined;
      await shielded
        .shield(async () => {
          await nextTurn();
          report = await shielded[end]();
        })
        .catch(() => {});
      await settled();
      expect(report).toEqual(nothing);
    },
  );

  it('of another scheduler, that other one is waited for as usual', async () => {
    const [outer, inner] = [new Scheduler(patient), new Scheduler(patient)];
    const work = deferred();
    const job = outer.spawnNow(async () => {
      inner.spawnNow(() => work.promise);
      return inner.close();
    });
    work.resolve();
    expect(await job.wait()).toEqual({ ...nothing, completed: 1 });
    await outer.close();
  });

  it('in work that outlived its job, everything is waited for as from outside', async () => {
    const scheduler = new Scheduler(patient);
    const report = deferred<DrainReport>();
    const over = deferred();
    const work = deferred();
    const job = scheduler.spawnNow(() => {
      void over.promise.then(async () => report.resolve(await scheduler.drain()));
    });
    await job.wait();
    scheduler.spawnNow(() => work.promise);
    over.resolve();
    await settled();
    work.resolve();
    expect(await report.promise).toEqual({ ...nothing, completed: 1 });
  });
});
