import { type DrainReport, type Job, type JobContext, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { ends, patient } from '../support/ends.ts';
import { obedient } from '../support/functions.ts';
import { nothing } from '../support/report.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

describe.each(ends)('a job that waits for %s({ from: job })', (end) => {
  it('is not waited for and in no list, before an await', async () => {
    const scheduler = new Scheduler(patient);
    const job = scheduler.spawnNow((self) => scheduler[end]({ from: self }));
    expect(await job.wait()).toEqual(nothing);
    expect(job.outcome).toBe('completed');
    expect(scheduler.size).toBe(0);
  });

  it('is not waited for and in no list, after an await', async () => {
    const scheduler = new Scheduler(patient);
    const job = scheduler.spawnNow(async (self) => {
      await nextTurn();
      return scheduler[end]({ from: self });
    });
    expect(await job.wait()).toEqual(nothing);
    expect(job.outcome).toBe('completed');
  });

  it('is not waited for and in no list, when something else makes the call for it', async () => {
    const scheduler = new Scheduler(patient);
    const report = deferred<DrainReport>();
    const job = scheduler.spawnNow(() => report.promise);
    await nextTurn();
    void scheduler[end]({ from: job }).then(report.resolve);
    expect(await job.wait()).toEqual(nothing);
  });

  it.each<[string, (job: JobContext) => unknown, string]>([
    ['completes', () => 'done', 'completed'],
    ['fails', () => Promise.reject(new Error('boom')), 'failed'],
    ['is cancelled', ({ signal }) => Promise.reject(signal.reason as Error), 'cancelled'],
  ])('is in no list either when it %s before the call is over', async (_, ending, outcome) => {
    const { scheduler } = listeningScheduler(patient);
    const other = deferred();
    scheduler.spawnNow(() => other.promise);
    const report = deferred<DrainReport>();
    const job: Job = scheduler.spawnNow(async (self) => {
      await nextTurn();
      void scheduler[end]({ from: self }).then(report.resolve);
      if (outcome === 'cancelled') void job.close();
      return ending(self);
    });
    await job.wait().catch(() => {});
    expect(job.outcome).toBe(outcome);
    other.resolve();
    expect(await report.promise).toEqual({ ...nothing, completed: 1 });
  });

  it('has the other jobs waited for and listed', async () => {
    const scheduler = new Scheduler(patient);
    const other = scheduler.spawnNow(obedient);
    const job = scheduler.spawnNow((self) => scheduler[end]({ timeout: 1, from: self }));
    expect(await job.wait()).toEqual({ ...nothing, cancelled: [other] });
  });

  it('has the jobs that it spawned itself waited for and listed', async () => {
    const scheduler = new Scheduler(patient);
    const child = deferred();
    const job = scheduler.spawnNow(async (self) => {
      scheduler.spawnNow(() => child.promise);
      return scheduler[end]({ from: self });
    });
    await settled();
    expect(job.closed).toBe(false);
    child.resolve();
    expect(await job.wait()).toEqual({ ...nothing, completed: 1 });
  });

  it('is left out by `from` alone: one that does not say so is listed like any other', async () => {
    const scheduler = new Scheduler(patient);
    const report = deferred<DrainReport>();
    scheduler.spawnNow(() => {
      void scheduler[end]().then(report.resolve);
      return nextTurn();
    });
    expect(await report.promise).toEqual({ ...nothing, completed: 1 });
  });

  it('is waited for by a call from outside', async () => {
    const scheduler = new Scheduler(patient);
    const other = deferred();
    scheduler.spawnNow(() => other.promise);
    scheduler.spawnNow((self) => scheduler.idle({ from: self }));
    const ended = scheduler[end]();
    other.resolve();
    expect(await ended).toEqual({ ...nothing, completed: 2 });
  });

  it('is waited for again once its own call is over', async () => {
    const scheduler = new Scheduler(patient);
    const last = deferred();
    const first = scheduler.spawnNow(async (self) => {
      await scheduler.drain({ from: self, timeout: 0 });
      await last.promise;
    });
    await settled();
    let over = false;
    const second = scheduler.spawnNow((self) => scheduler[end]({ from: self }));
    void second.wait().finally(() => (over = true));
    await settled();
    expect(over).toBe(false);
    last.resolve();
    expect(await second.wait()).toEqual({ ...nothing, completed: 1 });
    expect(first.outcome).toBe('completed');
  });
});

describe('the signal of a job that waits for the end of its scheduler', () => {
  it.each(['close', 'waitAndClose'] as const)('is aborted by %s({ from: job })', async (end) => {
    const scheduler = new Scheduler(patient);
    const job: Job = scheduler.spawnNow(async (self) => {
      await scheduler[end]({ from: self });
      return [self.signal.aborted, job.state];
    });
    expect(await job.wait()).toEqual([true, 'closing']);
    expect(job.outcome).toBe('completed');
  });

  it('is aborted by close() as it begins', async () => {
    const scheduler = new Scheduler(patient);
    const other = deferred();
    scheduler.spawnNow(() => other.promise);
    const job = scheduler.spawnNow(obedient);
    const closed = scheduler.close({ from: job });
    expect(job.signal.reason).toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    await expect(job.wait()).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    other.resolve();
    expect(await closed).toEqual({ ...nothing, completed: 1 });
  });

  it('is left alone by drain({ from: job }), also by the end of its time', async () => {
    const scheduler = new Scheduler(patient);
    const other = scheduler.spawnNow(obedient);
    const job: Job = scheduler.spawnNow(async (self) => {
      const { cancelled } = await scheduler.drain({ timeout: 1, from: self });
      return [cancelled, self.signal.aborted, job.state];
    });
    expect(await job.wait()).toEqual([[other], false, 'active']);
  });
});

describe('a pending job in `from`', () => {
  it.each([Infinity, 0])('stays pending in a drain({ timeout: %p })', async (timeout) => {
    const scheduler = new Scheduler(patient);
    const after = deferred();
    const job = scheduler.spawnNow(() => 'ran', { after: after.promise });
    expect(await scheduler.drain({ timeout, from: job })).toEqual(nothing);
    expect(job.state).toBe('pending');
    after.resolve();
    expect(await job.wait()).toBe('ran');
  });

  it.each(['close', 'waitAndClose'] as const)('never starts after %s()', async (end) => {
    const scheduler = new Scheduler(patient);
    const body = jest.fn();
    const after = deferred();
    const job = scheduler.spawnNow(body, { after: after.promise });
    expect(await scheduler[end]({ from: job })).toEqual(nothing);
    after.resolve();
    await settled();
    expect(job.outcome).toBe('cancelled');
    expect(body).not.toHaveBeenCalled();
  });
});

describe.each(ends)('what %s({ from }) ignores', (end) => {
  it('is a job of another scheduler', async () => {
    const [outer, inner] = [new Scheduler(patient), new Scheduler(patient)];
    const work = deferred();
    const job = outer.spawnNow(async (self) => {
      inner.spawnNow(() => work.promise);
      return inner[end]({ from: self });
    });
    await settled();
    expect(job.closed).toBe(false);
    expect(job.signal.aborted).toBe(false);
    work.resolve();
    expect(await job.wait()).toEqual({ ...nothing, completed: 1 });
    await outer.close();
  });

  it('is a job that has settled', async () => {
    const scheduler = new Scheduler(patient);
    const past = scheduler.spawnNow(() => 'done');
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    let over = false;
    const ended = scheduler[end]({ from: past }).finally(() => (over = true));
    await settled();
    expect(over).toBe(false);
    work.resolve();
    expect(await ended).toEqual({ ...nothing, completed: 1 });
  });

  it('is nothing else in the array', async () => {
    const [scheduler, other] = [new Scheduler(patient), new Scheduler(patient)];
    const past = scheduler.spawnNow(() => 'done');
    const work = deferred();
    const foreign = other.spawnNow(() => work.promise);
    const job = scheduler.spawnNow((self) => scheduler[end]({ from: [foreign, self, past] }));
    expect(await job.wait()).toEqual(nothing);
    work.resolve();
    await other.idle();
  });
});

describe.each(ends)('%s({ from: [ ... ] })', (end) => {
  it('leaves all of them out', async () => {
    const scheduler = new Scheduler(patient);
    const report = deferred<DrainReport>();
    const jobs = [1, 2, 3].map(() => scheduler.spawnNow(() => report.promise));
    void scheduler[end]({ from: jobs }).then(report.resolve);
    expect(await report.promise).toEqual(nothing);
  });

  it('may name one twice', async () => {
    const scheduler = new Scheduler(patient);
    const job = scheduler.spawnNow((self) => scheduler[end]({ from: [self, self] }));
    expect(await job.wait()).toEqual(nothing);
    expect(scheduler.size).toBe(0);
  });

  it.each([[[]], [undefined]])('leaves nothing out if it is %p', async (from) => {
    const scheduler = new Scheduler(patient);
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const ended = scheduler[end]({ from });
    work.resolve();
    expect(await ended).toEqual({ ...nothing, completed: 1 });
  });

  it('goes by the array as it was at the call', async () => {
    const scheduler = new Scheduler(patient);
    const work = deferred();
    const left = scheduler.spawnNow(() => work.promise);
    const other = deferred();
    const listed = scheduler.spawnNow(() => other.promise);
    const from = [left];
    const ended = scheduler[end]({ from });
    from.splice(0, 1, listed);
    other.resolve();
    expect(await ended).toEqual({ ...nothing, completed: 1 });
    work.resolve();
    await left.wait();
  });
});

describe.each(ends)('a forgotten `from`: a job that awaits %s()', (end) => {
  it('is bounded by timeout and closeTimeout, and the report names the job', async () => {
    const { scheduler, told } = listeningScheduler({ waitTimeout: 20, closeTimeout: 20 });
    const begun = performance.now();
    const job = scheduler.spawnNow(async () => {
      await nextTurn();
      return scheduler[end]();
    });
    expect(await job.wait()).toEqual({ ...nothing, abandoned: [job] });
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(told).toMatchObject([{ message: 'Job closing timed out', job }]);
    expect(job.outcome).toBe('completed');
  });
});
