import { Scheduler, SchedulerClosedError } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { obedient, stubborn } from './support/functions.ts';
import { settled } from './support/settled.ts';
import { listeningScheduler } from './support/told.ts';

describe('shield(promise)', () => {
  it('follows the promise', async () => {
    const { scheduler } = listeningScheduler();
    const value = {};
    const error = new Error('boom');
    expect(await scheduler.shield(Promise.resolve(value))).toBe(value);
    await expect(scheduler.shield(Promise.reject(error))).rejects.toBe(error);
  });

  it('follows a thenable of another kind', async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- what some libraries return
    const thenable = { then: (resolve: (value: number) => void) => resolve(7) };
    expect(await new Scheduler().shield(thenable as PromiseLike<number>)).toBe(7);
  });

  it('takes no slot and is in no count', () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    void scheduler.shield(stubborn());
    void scheduler.shield(stubborn);
    expect(scheduler).toMatchObject({ size: 0, activeCount: 0, pendingCount: 0 });
    expect(scheduler.spawnNow(() => {}).outcome).toBe('completed');
    expect([...scheduler]).toEqual([]);
  });

  it('rejects alone when its signal aborts; the work goes on and is waited for', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const controller = new AbortController();
    const outer = scheduler.shield(work.promise, { signal: controller.signal });
    const drained = scheduler.drain();
    controller.abort('client left');
    await expect(outer).rejects.toBe('client left');
    let over = false;
    void drained.finally(() => (over = true));
    await settled();
    expect(over).toBe(false);
    work.resolve();
    expect(await drained).toMatchObject({ shields: 0 });
    expect(told).toEqual([]);
  });

  it('with a signal aborted already rejects at once, and the work is waited for all the same', async () => {
    const scheduler = new Scheduler();
    const work = deferred();
    const outer = scheduler.shield(work.promise, { signal: AbortSignal.abort('early') });
    await expect(outer).rejects.toBe('early');
    const drained = scheduler.drain({ timeout: 0, closeTimeout: 0 });
    expect(await drained).toMatchObject({ shields: 1 });
    work.resolve();
  });

  it('is waited for by drain() and by close(), within closeTimeout', async () => {
    for (const end of ['drain', 'close', 'waitAndClose'] as const) {
      const scheduler = new Scheduler({ waitTimeout: 1, closeTimeout: Infinity });
      const work = deferred();
      const outer = scheduler.shield(work.promise);
      let over = false;
      const ended = scheduler[end]().finally(() => (over = true));
      await settled();
      expect(over).toBe(false);
      work.resolve();
      expect(await ended).toMatchObject({ shields: 0 });
      await outer;
    }
  });

  it('is counted in the report when it has not settled in time', async () => {
    const scheduler = new Scheduler({ closeTimeout: 1 });
    const outer = scheduler.shield(stubborn());
    void scheduler.shield(stubborn());
    expect(await scheduler.drain({ timeout: 0 })).toMatchObject({ shields: 2, abandoned: [] });
    let over = false;
    void outer.catch(() => (over = true));
    await settled();
    expect(over).toBe(false);
    expect(await scheduler.close()).toMatchObject({ shields: 2 });
    await expect(outer).rejects.toBeInstanceOf(SchedulerClosedError);
  });

  it('is still followed after close()', async () => {
    const scheduler = new Scheduler();
    await scheduler.close();
    expect(await scheduler.shield(Promise.resolve(1))).toBe(1);
  });

  it.each(['settles', 'is aborted'])('leaves no listener when it %s', async (how) => {
    const controller = new AbortController();
    const add = jest.spyOn(controller.signal, 'addEventListener');
    const remove = jest.spyOn(controller.signal, 'removeEventListener');
    const work = deferred();
    const outer = new Scheduler().shield(work.promise, { signal: controller.signal });
    if (how === 'settles') work.resolve();
    else controller.abort();
    await outer.catch(() => {});
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove).toHaveBeenCalledWith('abort', add.mock.calls[0]?.[1]);
  });
});

describe('shield(function)', () => {
  it('calls it at once, with a JobContext of the id sequence', async () => {
    const scheduler = new Scheduler();
    const first = scheduler.spawnNow(({ id }) => id);
    let called = false;
    const outer = scheduler.shield((job) => {
      called = true;
      expect(job.name).toBeUndefined();
      expect(job.signal.aborted).toBe(false);
      expect(job.drainSignal).toBe(scheduler.drainSignal);
      return job.id;
    });
    expect(called).toBe(true);
    expect(await outer).toBe((await first.wait()) + 1);
    expect(scheduler.spawnNow(() => {}).id).toBe(first.id + 2);
  });

  it('rejects, and does not throw, when the function throws', async () => {
    const { scheduler, told } = listeningScheduler();
    const error = new Error('boom');
    const outer = scheduler.shield(() => {
      throw error;
    });
    await expect(outer).rejects.toBe(error);
    await settled();
    expect(told).toEqual([]);
  });

  it('has a signal that aborts only when the scheduler cancels', async () => {
    const scheduler = new Scheduler({ closeTimeout: Infinity });
    const controller = new AbortController();
    let signal: AbortSignal | undefined;
    const outer = scheduler.shield(
      (job) => {
        ({ signal } = job);
        return obedient(job);
      },
      { signal: controller.signal },
    );
    controller.abort('client left');
    await expect(outer).rejects.toBe('client left');
    expect(signal?.aborted).toBe(false);
    const drained = scheduler.drain({ timeout: 1 });
    await settled();
    expect(await drained).toMatchObject({ shields: 0 });
    expect(signal?.reason).toMatchObject({ code: 'ERR_JOB_CANCELLED' });
  });

  it('is not called when its signal is aborted already, or after close()', async () => {
    const scheduler = new Scheduler();
    const body = jest.fn();
    const refused = scheduler.shield(body, { signal: AbortSignal.abort('early') });
    await expect(refused).rejects.toBe('early');
    await scheduler.close();
    await expect(scheduler.shield(body)).rejects.toBeInstanceOf(SchedulerClosedError);
    expect(body).not.toHaveBeenCalled();
  });
});

describe('a shielded rejection', () => {
  const boom = new Error('boom');

  it('goes to the exception handler when nobody awaits it', async () => {
    const { scheduler, told } = listeningScheduler();
    void scheduler.shield(Promise.reject(boom));
    void scheduler.shield(async () => Promise.reject(boom));
    await settled();
    const context = { message: 'Shielded work failed', exception: boom };
    expect(told).toEqual([context, context]);
  });

  it('goes to whoever awaits it, and to nobody else', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const outer = scheduler.shield(work.promise);
    const caught = outer.catch((error: unknown) => error);
    work.reject(boom);
    expect(await caught).toBe(boom);
    await settled();
    expect(told).toEqual([]);
  });

  it('goes to the handler when the one who awaited has been told of the abort instead', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const controller = new AbortController();
    const outer = scheduler.shield(work.promise, { signal: controller.signal });
    controller.abort('client left');
    await expect(outer).rejects.toBe('client left');
    work.reject(boom);
    await settled();
    expect(told.map((each) => each.exception)).toEqual([boom]);
  });

  it('goes to the handler when the scheduler was closed meanwhile', async () => {
    const { scheduler, told } = listeningScheduler({ closeTimeout: 0 });
    const work = deferred();
    const outer = scheduler.shield(work.promise);
    await scheduler.close();
    await expect(outer).rejects.toBeInstanceOf(SchedulerClosedError);
    work.reject(boom);
    await settled();
    expect(told.map((each) => each.exception)).toEqual([boom]);
  });

  it('that just obeys the cancellation is told to nobody', async () => {
    const { scheduler, told } = listeningScheduler();
    void scheduler.shield(obedient);
    await scheduler.close();
    await settled();
    expect(told).toEqual([]);
  });

  it('is not lost to an abort in the moment of the failure', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const controller = new AbortController();
    const outer = scheduler.shield(work.promise, { signal: controller.signal });
    const got = outer.catch((error: unknown) => error);
    void scheduler.idle().then(() => controller.abort('enough'));
    work.reject(boom);
    const caught: unknown = await got;
    await settled();
    expect([caught, ...told.map((each) => each.exception)]).toEqual([boom]);
  });
});
