import type { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { obedient, stubborn } from '../support/functions.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

describe('a spawn() that is refused', () => {
  it('is told as "Job refused" when nobody awaits it', async () => {
    const { scheduler, told } = listeningScheduler();
    await scheduler.close();
    void scheduler.spawn(() => {});
    await settled();
    expect(told).toEqual([
      {
        message: 'Job refused',
        exception: expect.objectContaining({ code: 'ERR_SCHEDULER_CLOSED' }),
      },
    ]);
  });

  it.each<[string, (promise: Promise<unknown>) => Promise<unknown>]>([
    ['await', async (promise) => void (await promise)],
    ['catch()', (promise) => promise.catch(() => {})],
    ['then()', (promise) => promise.then(undefined, () => {})],
    ['finally()', (promise) => promise.finally(() => {})],
    ['Promise.allSettled()', (promise) => Promise.allSettled([promise])],
    ['Promise.all()', (promise) => Promise.all([promise, Promise.resolve()])],
  ])('is not told when the caller looks at it: %s', async (_, look) => {
    const { scheduler, told } = listeningScheduler();
    await scheduler.close();
    await look(scheduler.spawn(() => {})).catch(() => {});
    await settled();
    expect(told).toEqual([]);
  });

  it('is told with the reason when its signal is aborted', async () => {
    const { scheduler, told } = listeningScheduler();
    void scheduler.spawn(() => {}, { signal: AbortSignal.abort('early') });
    await settled();
    expect(told).toEqual([{ message: 'Job refused', exception: 'early' }]);
  });

  it.each<[string, string, (scheduler: Scheduler, controller: AbortController) => unknown]>([
    ['close()', 'ERR_SCHEDULER_CLOSED', (scheduler) => scheduler.close()],
    [
      'waitAndClose()',
      'ERR_SCHEDULER_CLOSED',
      (scheduler) => scheduler.waitAndClose({ timeout: 0 }),
    ],
    ['drain()', 'ERR_JOB_CANCELLED', (scheduler) => scheduler.drain({ timeout: 0 })],
    [
      'its signal',
      'ABORTED',
      (_, controller) => controller.abort(Object.assign(new Error('x'), { code: 'ABORTED' })),
    ],
  ])('is told when it waited for room and was ended by %s', async (_, code, end) => {
    const { scheduler, told } = listeningScheduler({ limit: 1, pendingLimit: 0 });
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const controller = new AbortController();
    const body = jest.fn();
    void scheduler.spawn(body, { signal: controller.signal });
    const ended = end(scheduler, controller);
    work.resolve();
    await ended;
    await settled();
    expect(told).toEqual([
      { message: 'Job refused', exception: expect.objectContaining({ code }) },
    ]);
    expect(body).not.toHaveBeenCalled();
  });
});

describe('a spawn() that rejects and that nobody awaits', () => {
  it('is told to the handler as a refused job', async () => {
    const { scheduler, told } = listeningScheduler({ limit: 1, pendingLimit: 0 });
    const reason = new Error('gone');
    void scheduler.spawn(stubborn, { signal: AbortSignal.abort(reason) });
    const controller = new AbortController();
    void scheduler.spawn(stubborn);
    void scheduler.spawn(stubborn, { signal: controller.signal });
    controller.abort(reason);
    await settled();
    expect(told).toMatchObject([
      { message: 'Job refused', exception: reason },
      { message: 'Job refused', exception: reason },
    ]);
  });

  it('is told also when a close is what refuses it', async () => {
    const { scheduler, told } = listeningScheduler({ limit: 1, pendingLimit: 0, closeTimeout: 0 });
    void scheduler.spawn(obedient);
    void scheduler.spawn(obedient);
    await scheduler.close();
    void scheduler.spawn(obedient);
    await settled();
    expect(told).toMatchObject([
      { message: 'Job refused', exception: { code: 'ERR_SCHEDULER_CLOSED' } },
      { message: 'Job refused', exception: { code: 'ERR_SCHEDULER_CLOSED' } },
    ]);
  });

  it('is told to whoever awaits it, and to nobody else', async () => {
    const { scheduler, told } = listeningScheduler();
    const reason = new Error('gone');
    const spawn = scheduler.spawn(stubborn, { signal: AbortSignal.abort(reason) });
    await expect(spawn).rejects.toBe(reason);
    await settled();
    expect(told).toEqual([]);
  });
});
