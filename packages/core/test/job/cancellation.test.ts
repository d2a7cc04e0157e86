import { JobCancelledError, JobTimeoutError, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { obedient } from '../support/functions.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

describe('a cancelled job', () => {
  it.each<[string, (reason: unknown) => unknown]>([
    ['its own signal.reason', (reason) => reason],
    ['any AbortError', () => new DOMException('aborted', 'AbortError')],
    ['anything named AbortError', () => ({ name: 'AbortError' })],
    ['a JobCancelledError', () => new JobCancelledError()],
  ])('that rejects with %s is cancelled, and nobody is told', async (_, thrown) => {
    const { scheduler, told } = listeningScheduler();
    const reason = new Error('not needed');
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    void job.close({ reason });
    expect(job.signal.reason).toBe(reason);
    work.reject(thrown(reason));
    await settled();
    expect(job.outcome).toBe('cancelled');
    await expect(job.wait()).rejects.toBeInstanceOf(JobCancelledError);
    await expect(job.wait()).rejects.toMatchObject({ name: 'AbortError', cause: reason });
    expect(told).toEqual([]);
  });

  it.each([[Number.NaN], [-0], [0n], [''], [null], [false], [Symbol('enough')], [() => {}], [[]]])(
    'that rejects with its reason is cancelled, whatever that is: %p',
    async (reason) => {
      const { scheduler, told } = listeningScheduler();
      const controller = new AbortController();
      const jobs = [
        scheduler.spawnNow(obedient),
        scheduler.spawnNow(obedient, { signal: controller.signal }),
      ] as const;
      void jobs[0].close({ reason });
      controller.abort(reason);
      await settled();
      for (const job of jobs) {
        expect(job.outcome).toBe('cancelled');
        await expect(job.wait()).rejects.toMatchObject({
          code: 'ERR_JOB_CANCELLED',
          cause: reason,
        });
      }
      expect(told).toEqual([]);
    },
  );

  it.each([[new Error('clean-up failed')], [undefined], [null], ['AbortError'], [{ name: 'x' }]])(
    'that rejects with something else, %p, is failed',
    async (thrown) => {
      const { scheduler, told } = listeningScheduler();
      const work = deferred();
      const job = scheduler.spawnNow(() => work.promise);
      const drained = scheduler.drain({ timeout: 0 });
      expect(job.state).toBe('closing');
      work.reject(thrown);
      expect(await drained).toMatchObject({ failed: 1, cancelled: [] });
      expect(job.outcome).toBe('failed');
      await settled();
      expect(told).toHaveLength(1);
      expect(told[0]?.exception).toBe(thrown);
      await expect(job.wait()).rejects.toBe(thrown);
    },
  );

  it('that returns a value is completed, and wait() gives the value', async () => {
    const scheduler = new Scheduler();
    const work = deferred<string>();
    const job = scheduler.spawnNow(() => work.promise);
    const wait = job.wait();
    const closed = job.close();
    work.resolve('done all the same');
    await closed;
    expect(job.outcome).toBe('completed');
    expect(await wait).toBe('done all the same');
    expect(await job.wait()).toBe('done all the same');
  });

  it('keeps the first cause', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(obedient);
    const closed = job.close({ reason: 'first' });
    void job.close({ reason: 'second' });
    void scheduler.close();
    await closed;
    expect(job.signal.reason).toBe('first');
    await expect(job.wait()).rejects.toMatchObject({ cause: 'first' });
  });
});

describe('an AbortError of a job that was not cancelled', () => {
  it('is a failure', async () => {
    const { scheduler, told } = listeningScheduler();
    const error = new DOMException('aborted', 'AbortError');
    const job = scheduler.spawnNow(() => {
      throw error;
    });
    await settled();
    expect(job.outcome).toBe('failed');
    expect(told.map((each) => each.exception)).toEqual([error]);
  });
});

describe('signal.reason', () => {
  it.each([[null], [0], ['text'], [new Error('reason')]])(
    'is the reason given to job.close(): %p',
    async (reason) => {
      const job = new Scheduler().spawnNow(obedient);
      const wait: unknown = job.wait().catch((error: unknown) => error);
      await job.close({ reason });
      expect(job.signal.reason).toBe(reason);
      expect(await wait).toMatchObject({ code: 'ERR_JOB_CANCELLED', cause: reason });
    },
  );

  it('is a JobCancelledError for job.close() without a reason', async () => {
    const job = new Scheduler().spawnNow(obedient);
    await job.close();
    expect(job.signal.reason).toBeInstanceOf(JobCancelledError);
  });

  it('is the reason of JobOptions.signal', async () => {
    const controller = new AbortController();
    const job = new Scheduler().spawnNow(obedient, { signal: controller.signal });
    controller.abort('client left');
    await settled();
    expect(job.signal.reason).toBe('client left');
    expect(job.outcome).toBe('cancelled');
    await expect(job.wait()).rejects.toMatchObject({ cause: 'client left' });
  });

  it("is a JobTimeoutError for the job's own timeout", async () => {
    const job = new Scheduler().spawnNow(obedient, { timeout: 1 });
    await expect(job.wait()).rejects.toBeInstanceOf(JobCancelledError);
    expect(job.outcome).toBe('cancelled');
    expect(job.signal.reason).toBeInstanceOf(JobTimeoutError);
    await expect(job.wait()).rejects.toMatchObject({ cause: job.signal.reason });
  });

  it.each(['close', 'drain', 'waitAndClose'] as const)(
    'is a JobCancelledError for %s() of the scheduler',
    async (end) => {
      const scheduler = new Scheduler();
      const job = scheduler.spawnNow(obedient);
      await scheduler[end]({ timeout: 0 });
      expect(job.outcome).toBe('cancelled');
      expect(job.signal.reason).toBeInstanceOf(JobCancelledError);
    },
  );

  it('is there for a function that reads its signal after the cancellation', async () => {
    const work = deferred();
    const job = new Scheduler().spawnNow(async (self) => {
      await work.promise;
      self.signal.throwIfAborted();
    });
    const closed = job.close({ reason: 'late' });
    work.resolve();
    await closed;
    expect(job.outcome).toBe('cancelled');
  });
});
