import { JobCancelledError, JobTimeoutError, PendingLimitError, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { failWith, obedient } from '../support/functions.ts';
import { settled } from '../support/settled.ts';

/** A scheduler, and what its exception handler got. */
function watched(options?: { limit?: number; pendingLimit?: number }) {
  const reported: unknown[] = [];
  const scheduler = new Scheduler({
    ...options,
    exceptionHandler: ({ exception }) => {
      reported.push(exception);
    },
  });
  return { scheduler, reported };
}

describe('group.wait()', () => {
  it('resolves when all jobs have settled, those spawned meanwhile included', async () => {
    const scheduler = new Scheduler();
    const group = scheduler.group();
    const ended: string[] = [];
    const { promise, resolve } = deferred();
    await group.spawn(async () => {
      await promise;
      await group.spawn(async () => {
        await settled();
        ended.push('inner');
      });
      ended.push('outer');
    });
    expect(group.size).toBe(1);
    const waited = group.wait();
    resolve();
    await waited;
    expect(ended).toEqual(['outer', 'inner']);
    expect(group.size).toBe(0);
  });

  it('resolves at once for a group without jobs, and again after more jobs', async () => {
    const group = new Scheduler().group();
    await group.wait();
    const job = await group.spawn(() => 1);
    await group.wait();
    expect(job.outcome).toBe('completed');
  });

  it('throws the first failure, as it was thrown, and however often it is called', async () => {
    const { scheduler, reported } = watched();
    const group = scheduler.group({ failFast: false });
    const first = new Error('first');
    const second = new Error('second');
    await group.spawn(async () => {
      await settled();
      throw second;
    });
    await group.spawn(failWith(first));
    await expect(group.wait()).rejects.toBe(first);
    await expect(group.wait()).rejects.toBe(first);
    await settled();
    // The first is the group's, the second has had no waiter.
    expect(reported).toEqual([second]);
  });

  it.each([undefined, null, 0, ''])('throws %p where that is what was thrown', async (thrown) => {
    const group = new Scheduler().group();
    group.spawnNow(failWith(thrown));
    const error: unknown = await group.wait().then(
      () => 'nothing',
      (rejection: unknown) => rejection,
    );
    expect(error).toBe(thrown);
  });

  it('that is dropped is no unhandled rejection, and still the one who is told', async () => {
    const { scheduler, reported } = watched();
    const group = scheduler.group();
    await group.spawn(failWith(new Error('told')));
    void group.wait();
    await settled();
    await group.close();
    expect(reported).toEqual([]);
  });

  it('throws when anybody but its owner has cancelled the group', async () => {
    const abort = new AbortController();
    const scheduler = new Scheduler();
    const group = scheduler.group({ signal: abort.signal });
    const job = await group.spawn(obedient);
    const waited = group.wait();
    const reason = new Error('not needed');
    abort.abort(reason);
    await expect(waited).rejects.toMatchObject({ name: 'AbortError', cause: reason });
    expect(job.outcome).toBe('cancelled');
    expect(group.signal.reason).toBe(reason);
  });

  it('throws when the scheduler was closed or drained over it', async () => {
    for (const end of ['close', 'drain'] as const) {
      const scheduler = new Scheduler({ waitTimeout: 0 });
      const group = scheduler.group();
      await group.spawn(obedient);
      const waited = group.wait();
      await scheduler[end]();
      await expect(waited).rejects.toThrow(JobCancelledError);
    }
  });

  it('does not mind a job that its owner has cancelled', async () => {
    const scheduler = new Scheduler();
    const group = scheduler.group();
    const job = await group.spawn(obedient);
    await job.close();
    await group.wait();
    expect(group.signal.aborted).toBe(false);
  });
});

describe('the first failure', () => {
  it('cancels the others, pending ones first, and none starts after it', async () => {
    const scheduler = new Scheduler({ limit: 2 });
    const group = scheduler.group();
    const error = new Error('first');
    const { promise, reject } = deferred();
    const started: string[] = [];
    await group.spawn(() => promise);
    const running = await group.spawn(obedient);
    const pending = await group.spawn(() => started.push('pending'));
    const outsider = await scheduler.spawn(() => 'outsider');
    reject(error);
    await expect(group.wait()).rejects.toBe(error);
    expect(started).toEqual([]);
    expect([running.outcome, pending.outcome]).toEqual(['cancelled', 'cancelled']);
    expect((running.signal.reason as Error).cause).toBe(error);
    expect(await outsider.wait()).toBe('outsider');
    await expect(group.spawn(() => 1)).rejects.toMatchObject({
      code: 'ERR_JOB_CANCELLED',
      cause: { cause: error },
    });
    expect(() => group.spawnNow(() => 1)).toThrow(JobCancelledError);
  });

  it('is that of a job that ran into its timeout', async () => {
    const group = new Scheduler().group();
    await group.spawn(obedient, { timeout: 1 });
    const other = await group.spawn(obedient);
    const error: unknown = await group.wait().catch((rejection: unknown) => rejection);
    expect(error).toBeInstanceOf(JobCancelledError);
    expect((error as Error).cause).toBeInstanceOf(JobTimeoutError);
    expect(other.outcome).toBe('cancelled');
  });

  it('cancels none with failFast: false', async () => {
    const group = new Scheduler().group({ failFast: false });
    const error = new Error('first');
    const { promise, resolve } = deferred();
    const other = await group.spawn(() => promise);
    await group.spawn(failWith(error));
    const last = await group.spawn(() => 'last');
    resolve();
    await expect(group.wait()).rejects.toBe(error);
    expect([other.outcome, last.outcome]).toEqual(['completed', 'completed']);
  });

  it('goes to the exception handler, once, if the group is closed and nobody has asked for it', async () => {
    const { scheduler, reported } = watched();
    const error = new Error('first');
    {
      await using group = scheduler.group();
      await group.spawn(failWith(error));
      await settled();
      expect(reported).toEqual([]);
    }
    await settled();
    expect(reported).toEqual([error]);
  });

  it('is no news to the handler if somebody waits for the job itself', async () => {
    const { scheduler, reported } = watched();
    const group = scheduler.group();
    const job = await group.spawn(failWith(new Error('first')));
    await expect(job.wait()).rejects.toThrow('first');
    await group.close();
    await settled();
    expect(reported).toEqual([]);
  });
});

describe('group.close()', () => {
  it('cancels what has not settled, waits for it, and takes nothing more', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const group = scheduler.group();
    const { promise, resolve } = deferred();
    const running = await group.spawn(() => promise);
    const pending = await group.spawn(() => 1);
    let closed = false;
    const closing = group.close().then(() => {
      closed = true;
    });
    const again = group.close();
    await settled();
    expect([closed, pending.outcome, running.state]).toEqual([false, 'cancelled', 'closing']);
    resolve();
    await Promise.all([closing, again]);
    expect(running.outcome).toBe('completed');
    await expect(group.spawn(() => 1)).rejects.toThrow(JobCancelledError);
    await group.wait();
  });

  it('gives its reason to the jobs', async () => {
    const group = new Scheduler().group();
    const job = await group.spawn(obedient);
    const reason = new Error('enough');
    await group.close({ reason });
    expect(job.signal.reason).toBe(reason);
    expect(group.signal.reason).toBe(reason);
  });

  it('is what `await using` does at the end of the block', async () => {
    const scheduler = new Scheduler();
    const jobs = [];
    {
      await using group = scheduler.group();
      jobs.push(await group.spawn(obedient));
    }
    expect(jobs[0]?.outcome).toBe('cancelled');
    expect(scheduler.size).toBe(0);
  });

  it('ends a spawn() that waits for room', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    const { promise, resolve } = deferred();
    await scheduler.spawn(() => promise);
    const group = scheduler.group();
    const waiting = group.spawn(() => 1);
    expect(group.size).toBe(1);
    await group.close();
    await expect(waiting).rejects.toThrow('closed');
    resolve();
    await scheduler.idle();
  });
});

describe('the limit of a group', () => {
  it('is below that of the scheduler; priority decides among those that wait for it', async () => {
    const scheduler = new Scheduler();
    const group = scheduler.group({ limit: 2 });
    const started: number[] = [];
    let running = 0;
    let most = 0;
    for (let count = 0; count < 10; count += 1) {
      group.spawnNow(
        async () => {
          started.push(count);
          running += 1;
          most = Math.max(most, running);
          await settled();
          running -= 1;
        },
        { priority: count === 9 ? 1 : 0 },
      );
    }
    expect(scheduler.pendingCount).toBe(8);
    await group.wait();
    expect(most).toBe(2);
    expect(started).toEqual([0, 1, 9, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('passes a cancelled job over, and gives the place of a pending one that is cancelled to the next', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    await scheduler.spawn(() => promise);
    const group = scheduler.group({ limit: 1 });
    const jobs = ['a', 'b', 'c'].map((name) => group.spawnNow(() => name));
    await jobs[0]?.close();
    await jobs[1]?.close();
    resolve();
    await group.wait();
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled', 'completed']);
  });

  it('leaves a job pending that is spawned when it is reached: not beyond pendingLimit', async () => {
    const scheduler = new Scheduler({ pendingLimit: 0 });
    const group = scheduler.group({ limit: 1 });
    const { promise, resolve } = deferred();
    group.spawnNow(() => promise);
    expect(() => group.spawnNow(() => {})).toThrow(PendingLimitError);
    expect(scheduler.pendingCount).toBe(0);
    const waiting = group.spawn(() => 'ran');
    resolve();
    expect(await (await waiting).wait()).toBe('ran');
    group.spawnNow(() => {});
    await group.wait();
  });

  it('goes with after, and with a key', async () => {
    const scheduler = new Scheduler({ perKey: 1 });
    const group = scheduler.group({ limit: 1 });
    const { promise, resolve } = deferred();
    const order: string[] = [];
    group.spawnNow(() => order.push('after'), { after: promise, key: 'a' });
    group.spawnNow(() => order.push('first'), { key: 'a' });
    group.spawnNow(() => order.push('second'), { key: 'a' });
    resolve();
    await group.wait();
    expect(order).toEqual(['first', 'second', 'after']);
  });
});

describe('a group inside a job', () => {
  it('runs in the slot of that job: to spawn and to wait cannot deadlock', async () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    const job = await scheduler.spawn(async (outer) => {
      const group = scheduler.group({ inside: outer, limit: 2 });
      const values: number[] = [];
      for (let count = 0; count < 5; count += 1) {
        await group.spawn(async (inner) => {
          await settled();
          const nested = scheduler.group({ inside: inner, limit: 1 });
          const deepest = await nested.spawn(() => count);
          values.push(await deepest.wait());
        });
      }
      await group.wait();
      return values;
    });
    expect(await job.wait()).toEqual([0, 1, 2, 3, 4]);
    expect(scheduler.size).toBe(0);
  });

  it('leaves all other slots to others', async () => {
    const scheduler = new Scheduler({ limit: 2 });
    const { promise, resolve } = deferred();
    await scheduler.spawn(async (outer) => {
      const group = scheduler.group({ inside: outer });
      for (let count = 0; count < 5; count += 1) await group.spawn(() => promise);
      await group.wait();
    });
    await settled();
    expect(scheduler.activeCount).toBe(6);
    const other = await scheduler.spawn(() => 'at once');
    expect(other.outcome).toBe('completed');
    resolve();
    await scheduler.idle();
  });

  it('holds the slot of a job that has not waited for it', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred();
    const job = await scheduler.spawn(async (outer) => {
      await scheduler.group({ inside: outer }).spawn(() => promise);
      return 'value';
    });
    const next = await scheduler.spawn(() => 'next');
    expect(await job.wait()).toBe('value');
    await settled();
    expect([job.state, next.state]).toEqual(['active', 'pending']);
    resolve();
    expect(await next.wait()).toBe('next');
    expect(job.outcome).toBe('completed');
  });

  it('is waited for by close() of the job, which does not throw that it obeyed', async () => {
    const scheduler = new Scheduler();
    const { promise, resolve } = deferred();
    const job = scheduler.spawnNow((context) => {
      scheduler.group({ inside: context }).spawnNow(() => promise);
      return obedient(context);
    });
    const states: string[] = [];
    const closed = job.close({ timeout: Infinity }).then(() => void states.push(job.state));
    await settled();
    expect(states).toEqual([]);
    resolve();
    await closed;
    expect([states, job.outcome]).toEqual([['closed'], 'cancelled']);
  });

  it('bounds close() of the job by its timeout all the same', async () => {
    const scheduler = new Scheduler();
    const { promise, resolve } = deferred();
    const job = scheduler.spawnNow((context) => {
      scheduler.group({ inside: context }).spawnNow(() => promise);
      return obedient(context);
    });
    await expect(job.close({ timeout: 5 })).rejects.toThrow(JobTimeoutError);
    expect(job.state).toBe('closing');
    resolve();
    await scheduler.idle();
    expect(job.outcome).toBe('cancelled');
  });

  it('is cancelled with the job', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const inner: string[] = [];
    const job = await scheduler.spawn(async (outer) => {
      const group = scheduler.group({ inside: outer, limit: 1 });
      await group.spawn(obedient);
      await group.spawn(() => inner.push('never'));
      await group.wait();
    });
    await settled();
    await job.close();
    expect(job.outcome).toBe('cancelled');
    expect(inner).toEqual([]);
    expect(scheduler.size).toBe(0);
  });

  it('starts nothing while the scheduler is paused, and goes on when it resumes', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const job = await scheduler.spawn(async (outer) => {
      const group = scheduler.group({ inside: outer });
      scheduler.pause();
      const inner = await group.spawn(() => 'inner');
      expect(inner.state).toBe('pending');
      scheduler.resume();
      return inner.wait();
    });
    expect(await job.wait()).toBe('inner');
  });

  it('takes nothing once the job has ended', async () => {
    const scheduler = new Scheduler();
    const job = await scheduler.spawn((outer) => scheduler.group({ inside: outer }));
    const group = await job.wait();
    await expect(group.spawn(() => 1)).rejects.toThrow('is not running');
    expect(() => scheduler.group({ inside: job })).toThrow('`inside`');
  });

  it('has a finite limit', async () => {
    const scheduler = new Scheduler();
    await scheduler.spawn(async (outer) => {
      expect(() => scheduler.group({ inside: outer, limit: Infinity })).toThrow(RangeError);
      const group = scheduler.group({ inside: outer });
      const jobs = Array.from({ length: 12 }, () => group.spawnNow(settled));
      expect(jobs.filter(({ active }) => active)).toHaveLength(10);
      await group.wait();
    });
    await scheduler.waitAndClose();
  });
});

describe('iterating over a group', () => {
  it('gives results in the order of completion, those from before included', async () => {
    const scheduler = new Scheduler();
    const group = scheduler.group();
    const { promise, resolve } = deferred<string>();
    await group.spawn(() => promise);
    await group.spawn(() => 'at once');
    await group.spawn(async () => {
      await settled();
      return 'later';
    });
    const results: unknown[] = [];
    for await (const result of group) {
      results.push(result);
      if (result === 'later') resolve('last');
    }
    expect(results).toEqual(['at once', 'later', 'last']);
  });

  it('throws the first failure after the results from before', async () => {
    const group = new Scheduler().group();
    await group.spawn(() => 'good');
    await group.spawn(failWith(new Error('bad')));
    const results: unknown[] = [];
    const iterate = async (): Promise<void> => {
      for await (const result of group) results.push(result);
    };
    await expect(iterate()).rejects.toThrow('bad');
    expect(results).toEqual(['good']);
  });

  it('ends at once for a group without jobs', async () => {
    for await (const result of new Scheduler().group()) throw new Error(String(result));
  });
});

describe('a group', () => {
  it('listens to its signal only while it has jobs', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    const group = new Scheduler().group({ signal });
    expect(listeners).toBe(0);
    await group.spawn(settled);
    expect(listeners).toBe(1);
    await group.wait();
    expect(listeners).toBe(0);
  });

  it('has a signal that aborts with its own also while it has no jobs', () => {
    const abort = new AbortController();
    const { signal } = new Scheduler().group({ signal: abort.signal });
    const reason = new Error('not needed');
    abort.abort(reason);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe(reason);
  });

  it('has a signal that aborts when the scheduler ends it', async () => {
    const scheduler = new Scheduler();
    const group = scheduler.group();
    const { signal } = group;
    await group.spawn(obedient);
    await scheduler.drain({ timeout: 0 });
    expect(signal.aborted).toBe(true);
    expect(group.signal).toBe(signal);
  });

  it('with an aborted signal takes nothing', async () => {
    const reason = new Error('too late');
    const group = new Scheduler().group({ signal: AbortSignal.abort(reason) });
    await expect(group.spawn(() => 1)).rejects.toMatchObject({ cause: reason });
    expect(group.signal.aborted).toBe(true);
  });

  it('is part of its scheduler: of its slots, its drains, its reports and its exception handler', async () => {
    const { scheduler, reported } = watched({ limit: 1 });
    const group = scheduler.group({ failFast: false });
    const first = await group.spawn(obedient);
    const second = await group.spawn(() => 1);
    expect([...scheduler]).toEqual([first, second]);
    const report = await scheduler.drain({ timeout: 0 });
    expect(report.cancelled).toEqual([first]);
    expect(report.neverStarted).toEqual([second]);
    expect(reported).toEqual([]);
  });

  it.each([
    { limit: 0 },
    { limit: NaN },
    { limit: '1' },
    { failFast: 1 },
    { signal: {} },
    { inside: {} },
    { name: 1 },
    null,
    'options',
  ])('refuses %p', (options) => {
    expect(() => new Scheduler().group(options as object)).toThrow(/^Expected `\w+` to be /);
  });
});
