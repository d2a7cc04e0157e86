import { JobCancelledError, JobTimeoutError, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { failWith, obedient } from '../support/functions.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';
import { fakeTimers } from '../support/timers.ts';

afterEach(() => {
  jest.useRealTimers();
});

describe('job.wait()', () => {
  it('gives the same value before the start, while it runs and after the end', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const first = deferred();
    const second = deferred<object>();
    const value = {};
    scheduler.spawnNow(() => first.promise);
    const job = scheduler.spawnNow(() => second.promise);
    const pending = job.wait();
    first.resolve();
    await settled();
    expect(job.state).toBe('active');
    const active = job.wait();
    second.resolve(value);
    expect(await pending).toBe(value);
    expect(await active).toBe(value);
    expect(await job.wait()).toBe(value);
    expect(await job.wait({ timeout: 0 })).toBe(value);
  });

  it.each([
    ['a plain value', () => 7, 7],
    ['a promise', async () => 7, 7],
    [
      'a thenable of another kind',
      // oxlint-disable-next-line unicorn/no-thenable -- what some libraries return
      () => ({ then: (resolve: (value: number) => void) => resolve(7) }) as PromiseLike<number>,
      7,
    ],
    ['nothing', () => undefined, undefined],
  ])('gives what the function returned: %s', async (_, work: () => unknown, value) => {
    const job = new Scheduler().spawnNow(work);
    expect(await job.wait()).toBe(value);
    expect(await job.wait()).toBe(value);
  });

  it('throws the same error object, however often and whenever it is called', async () => {
    const error = new AggregateError([new Error('one')], 'many', { cause: new Error('root') });
    const work = deferred();
    const job = new Scheduler().spawnNow(() => work.promise);
    const before = [job.wait(), job.wait()];
    work.reject(error);
    for (const wait of before) await expect(wait).rejects.toBe(error);
    await settled();
    await expect(job.wait()).rejects.toBe(error);
    await expect(job.wait({ timeout: 5_000 })).rejects.toBe(error);
    await expect(job.wait({ signal: new AbortController().signal })).rejects.toBe(error);
  });

  it.each([[undefined], [null], ['text'], [0], [Symbol('s')], [Object.freeze(new Error('cold'))]])(
    'throws exactly what the function threw: %p',
    async (thrown) => {
      const { scheduler } = listeningScheduler();
      const job = scheduler.spawnNow(failWith(thrown));
      await expect(job.wait()).rejects.toBe(thrown);
      await expect(job.wait()).rejects.toBe(thrown);
    },
  );

  it('throws the same JobCancelledError each time for a cancelled job', async () => {
    const job = new Scheduler().spawnNow(obedient);
    const before: unknown = job.wait().catch((error: unknown) => error);
    await job.close();
    const error: unknown = await before;
    expect(error).toBeInstanceOf(JobCancelledError);
    await expect(job.wait()).rejects.toBe(error);
  });

  it('throws JobCancelledError for a job that was cancelled before its start', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const body = jest.fn();
    const job = scheduler.spawnNow(body);
    const before = job.wait();
    await job.close({ reason: 'not needed' });
    await expect(before).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED', cause: 'not needed' });
    await expect(job.wait()).rejects.toBeInstanceOf(JobCancelledError);
    work.resolve();
    await scheduler.idle();
    expect(body).not.toHaveBeenCalled();
  });
});

describe('job.wait({ timeout })', () => {
  it('stops only the waiting', async () => {
    const work = deferred<number>();
    const job = new Scheduler().spawnNow(() => work.promise);
    await expect(job.wait({ timeout: 1 })).rejects.toBeInstanceOf(JobTimeoutError);
    expect(job.state).toBe('active');
    expect(job.signal.aborted).toBe(false);
    work.resolve(5);
    expect(await job.wait()).toBe(5);
  });

  it('takes times that setTimeout cannot, Infinity among them', async () => {
    const work = deferred<number>();
    const job = new Scheduler().spawnNow(() => work.promise);
    const waits = [job.wait({ timeout: 2 ** 31 }), job.wait({ timeout: Infinity })];
    let over = false;
    void Promise.race(waits).finally(() => (over = true));
    await expect(job.wait({ timeout: 20 })).rejects.toMatchObject({ code: 'ERR_JOB_TIMEOUT' });
    expect(over).toBe(false);
    work.resolve(1);
    expect(await Promise.all(waits)).toEqual([1, 1]);
  });

  it('holds no timer once the job has settled', async () => {
    fakeTimers();
    const work = deferred<number>();
    const job = new Scheduler().spawnNow(() => work.promise);
    const wait = job.wait({ timeout: 60_000 });
    expect(jest.getTimerCount()).toBe(1);
    work.resolve(1);
    await wait;
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('job.wait({ signal })', () => {
  it('rejects with the reason, alone among the waits', async () => {
    const work = deferred<number>();
    const job = new Scheduler().spawnNow(() => work.promise);
    const controller = new AbortController();
    const impatient = job.wait({ signal: controller.signal });
    const patient = job.wait();
    controller.abort('enough');
    await expect(impatient).rejects.toBe('enough');
    expect(job.signal.aborted).toBe(false);
    work.resolve(5);
    expect(await patient).toBe(5);
  });

  it('rejects at once for a signal that is already aborted', async () => {
    const work = deferred();
    const job = new Scheduler().spawnNow(() => work.promise);
    await expect(job.wait({ signal: AbortSignal.abort('early') })).rejects.toBe('early');
    work.resolve();
  });

  it.each(['settles', 'is aborted'])('leaves no listener when it %s', async (how) => {
    const controller = new AbortController();
    const remove = jest.spyOn(controller.signal, 'removeEventListener');
    const add = jest.spyOn(controller.signal, 'addEventListener');
    const work = deferred();
    const job = new Scheduler().spawnNow(() => work.promise);
    const wait = job.wait({ signal: controller.signal }).catch(() => {});
    expect(add).toHaveBeenCalledTimes(1);
    if (how === 'settles') work.resolve();
    else controller.abort();
    await wait;
    expect(remove).toHaveBeenCalledTimes(1);
    expect(remove.mock.calls[0]?.[1]).toBe(add.mock.calls[0]?.[1]);
    work.resolve();
  });
});
