import { type DrainReport, type JobContext, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { ends, patient } from '../support/ends.ts';
import { nothing } from '../support/report.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

describe.each(ends)('a shielded function that waits for %s({ from })', (end) => {
  it('is not waited for and not counted', async () => {
    const scheduler = new Scheduler(patient);
    const report = deferred<DrainReport>();
    void scheduler.shield(async (self) => {
      await nextTurn();
      report.resolve(await scheduler[end]({ from: self }));
    });
    expect(await report.promise).toEqual(nothing);
  });

  it('has other shields waited for', async () => {
    const scheduler = new Scheduler(patient);
    const work = deferred();
    void scheduler.shield(work.promise);
    const report = deferred<DrainReport>();
    let over = false;
    void scheduler.shield(async (self) => {
      report.resolve(await scheduler[end]({ from: self }));
      over = true;
    });
    await settled();
    expect(over).toBe(false);
    work.resolve();
    expect(await report.promise).toEqual(nothing);
  });

  it('and a job that does so as well do not wait for each other', async () => {
    const scheduler = new Scheduler(patient);
    const report = deferred<DrainReport>();
    void scheduler.shield(async (self) => {
      await nextTurn();
      report.resolve(await scheduler[end]({ from: self }));
    });
    const job = scheduler.spawnNow(async (self) => {
      await nextTurn();
      return scheduler[end]({ from: self });
    });
    expect(await report.promise).toEqual(nothing);
    expect(await job.wait()).toEqual(nothing);
  });

  it('says so for the job around it as well, which awaits it', async () => {
    const scheduler = new Scheduler(patient);
    const report = deferred<DrainReport>();
    const job = scheduler.spawnNow((outer) =>
      scheduler.shield(async (inner) => {
        await nextTurn();
        report.resolve(await scheduler[end]({ from: [outer, inner] }));
      }),
    );
    expect(await report.promise).toEqual(nothing);
    // After close() the outer promise of a shield that is still open rejects.
    await job.wait().catch(() => {});
    expect(scheduler.size).toBe(0);
  });

  it('is ignored in another scheduler, and when it has settled', async () => {
    const [scheduler, other] = [new Scheduler(patient), new Scheduler(patient)];
    const contexts: JobContext[] = [];
    const hold = deferred();
    await scheduler.shield((self) => void contexts.push(self));
    void other.shield(async (self) => {
      contexts.push(self);
      await hold.promise;
    });
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    let over = false;
    const ended = scheduler[end]({ from: contexts }).finally(() => (over = true));
    await settled();
    expect(over).toBe(false);
    work.resolve();
    expect(await ended).toEqual({ ...nothing, completed: 1 });
    hold.resolve();
    await other.idle();
  });

  it('that forgets `from` is bounded, and counted', async () => {
    const { scheduler } = listeningScheduler({ waitTimeout: 1, closeTimeout: 1 });
    const report = deferred<DrainReport>();
    void scheduler
      .shield(async () => {
        report.resolve(await scheduler[end]());
      })
      .catch(() => {});
    expect(await report.promise).toEqual({ ...nothing, shields: 1 });
  });
});

describe('the signal of a shielded function that waits for the end of its scheduler', () => {
  it.each(['close', 'waitAndClose'] as const)('is aborted by %s({ from })', async (end) => {
    const scheduler = new Scheduler(patient);
    const aborted = deferred<boolean>();
    void scheduler
      .shield(async (self) => {
        await scheduler[end]({ from: self });
        aborted.resolve(self.signal.aborted);
      })
      .catch(() => {});
    expect(await aborted.promise).toBe(true);
  });

  it('is left alone by drain({ from })', async () => {
    const scheduler = new Scheduler(patient);
    const aborted = deferred<boolean>();
    void scheduler.shield(async (self) => {
      await scheduler.drain({ timeout: 0, from: self });
      aborted.resolve(self.signal.aborted);
    });
    expect(await aborted.promise).toBe(false);
  });
});
