import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { settled } from '../support/settled.ts';

describe('idle()', () => {
  it('resolves when nothing is pending, running, shielded or waiting for room', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 1 });
    const work = [deferred(), deferred(), deferred(), deferred()] as const;
    scheduler.spawnNow(() => work[0].promise);
    scheduler.spawnNow(() => work[1].promise);
    void scheduler.spawn(() => work[2].promise);
    void scheduler.shield(work[3].promise);
    let idle = false;
    const waiting = scheduler.idle().then(() => (idle = true));
    for (const each of work) {
      await settled();
      expect(idle).toBe(false);
      each.resolve();
    }
    await waiting;
    await scheduler.idle();
  });

  it('rejects with the reason of its signal and leaves no listener', async () => {
    const scheduler = new Scheduler();
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    const controller = new AbortController();
    const remove = jest.spyOn(controller.signal, 'removeEventListener');
    const idle = scheduler.idle({ signal: controller.signal });
    controller.abort('enough');
    await expect(idle).rejects.toBe('enough');
    await expect(scheduler.idle({ signal: controller.signal })).rejects.toBe('enough');
    expect(remove).toHaveBeenCalledTimes(1);
    work.resolve();
  });

  it('called inside a job leaves that job out', async () => {
    const scheduler = new Scheduler();
    const other = deferred();
    const inside = scheduler.spawnNow(async () => {
      await nextTurn();
      await scheduler.idle();
      return other.promise;
    });
    scheduler.spawnNow(() => other.promise);
    await settled();
    expect(inside.state).toBe('active');
    other.resolve();
    await inside.wait();
  });
});
