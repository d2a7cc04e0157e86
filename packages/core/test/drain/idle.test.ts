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
});

describe('idle({ from: job })', () => {
  it('leaves that job out, and waits for the others', async () => {
    const scheduler = new Scheduler();
    const other = deferred();
    const job = scheduler.spawnNow(async (self) => {
      await nextTurn();
      await scheduler.idle({ from: self });
      return 'idle';
    });
    scheduler.spawnNow(() => other.promise);
    await settled();
    expect(job.state).toBe('active');
    other.resolve();
    expect(await job.wait()).toBe('idle');
  });

  it('resolves at once where nothing else goes on', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow((self) => scheduler.idle({ from: self }));
    await job.wait();
    expect(scheduler.size).toBe(0);
  });

  it('leaves a shielded function out', async () => {
    const scheduler = new Scheduler();
    await scheduler.shield(async (self) => {
      await nextTurn();
      await scheduler.idle({ from: self });
    });
  });

  it.each(['another scheduler', 'the past'])('ignores a job of %s', async (where) => {
    const [scheduler, other] = [new Scheduler(), new Scheduler()];
    const hold = deferred();
    const from =
      where === 'the past' ? scheduler.spawnNow(() => {}) : other.spawnNow(() => hold.promise);
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    let over = false;
    const idle = scheduler.idle({ from }).then(() => (over = true));
    await settled();
    expect(over).toBe(false);
    work.resolve();
    await idle;
    hold.resolve();
    await other.idle();
  });

  it('does not keep an idle() from outside from waiting for that job', async () => {
    const scheduler = new Scheduler();
    const other = deferred();
    scheduler.spawnNow(() => other.promise);
    const last = deferred();
    const job = scheduler.spawnNow(async (self) => {
      await scheduler.idle({ from: self });
      await last.promise;
    });
    let over = false;
    const idle = scheduler.idle().then(() => (over = true));
    other.resolve();
    await settled();
    expect(job.state).toBe('active');
    expect(over).toBe(false);
    last.resolve();
    await idle;
  });

  it('that has given up leaves its job to be waited for again', async () => {
    const scheduler = new Scheduler({ waitTimeout: Infinity });
    const controller = new AbortController();
    const work = deferred();
    const first = scheduler.spawnNow(async (self) => {
      await scheduler.idle({ from: self, signal: controller.signal }).catch(() => {});
      await work.promise;
    });
    const second = scheduler.spawnNow(async (self) => {
      await nextTurn();
      return scheduler.drain({ from: self });
    });
    controller.abort('enough');
    await settled();
    expect(second.closed).toBe(false);
    work.resolve();
    expect(await second.wait()).toMatchObject({ completed: 1 });
    expect(first.outcome).toBe('completed');
  });
});
