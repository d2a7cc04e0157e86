import { AsyncLocalStorage } from 'node:async_hooks';
import { type Job, type JobContext, type RetryOptions, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { failWith, obedient, stubborn } from '../support/functions.ts';
import { names } from '../support/names.ts';
import { fakeTimers } from '../support/timers.ts';
import { listeningScheduler } from '../support/told.ts';

/** Without jitter, so that tests know when. */
const steady = { delay: 1_000, jitter: false };

/** A function that fails so many times, and the attempts that it was called for. */
function failing(times: number): { attempts: number[]; fn: (job: JobContext) => Promise<string> } {
  const attempts: number[] = [];
  const fn = async ({ attempt }: JobContext): Promise<string> => {
    attempts.push(attempt);
    if (attempts.length <= times) throw new Error(`failure ${attempts.length}`);
    return 'done';
  };
  return { attempts, fn };
}

async function rejecting(): Promise<never> {
  throw new Error('too late');
}

function advance(by: number): Promise<void> {
  return jest.advanceTimersByTimeAsync(by);
}

/** The ms at which the attempts of a job that always fails begin. */
async function attemptTimes(retry: RetryOptions): Promise<number[]> {
  const times: number[] = [];
  const begin = performance.now();
  new Scheduler({ exceptionHandler: () => {} }).spawnNow(
    () => {
      times.push(performance.now() - begin);
      throw new Error('again');
    },
    { retry },
  );
  await advance(200_000);
  return times;
}

describe('a job with `retry`', () => {
  beforeEach(() => {
    fakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('is called again until it succeeds', async () => {
    const { scheduler, told } = listeningScheduler();
    const { attempts, fn } = failing(2);
    const job = scheduler.spawnNow(fn, { retry: 3 });
    const result = job.wait();
    await advance(60_000);
    expect([await result, attempts, told]).toEqual(['done', [1, 2, 3], []]);
    expect([job.outcome, job.attempt, jest.getTimerCount()]).toEqual(['completed', 3, 0]);
  });

  it('is called so many times more at most; its last error is the one that counts', async () => {
    const { scheduler, told } = listeningScheduler();
    const { attempts, fn } = failing(9);
    const job = scheduler.spawnNow(fn, { retry: { retries: 2, ...steady } });
    await advance(10_000);
    expect(attempts).toEqual([1, 2, 3]);
    expect(told).toEqual([
      expect.objectContaining({
        message: 'Job processing failed',
        exception: new Error('failure 3'),
        job,
      }),
    ]);
    await expect(job.wait()).rejects.toThrow('failure 3');
  });

  it('fails at once with no further attempt allowed', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(failing(1).fn, { retry: 0 });
    await expect(job.wait()).rejects.toThrow('failure 1');
  });

  it('gives one promise for all attempts', async () => {
    const scheduler = new Scheduler();
    const { fn } = failing(2);
    const job = scheduler.spawnNow(fn, { retry: { retries: 2, ...steady } });
    const waits = [job.wait()];
    await advance(500);
    waits.push(job.wait(), job.wait({ timeout: 60_000 }));
    await advance(10_000);
    expect(await Promise.all(waits)).toEqual(['done', 'done', 'done']);
  });

  it.each([
    [
      'throws synchronously',
      () => () => {
        throw new Error('sync');
      },
    ],
    [
      'returns a thenable that rejects',
      () => () => ({
        // oxlint-disable-next-line unicorn/no-thenable -- a thenable is what is tested
        then: (_: unknown, reject: (error: Error) => void) => reject(new Error('sync')),
      }),
    ],
    ['rejects with nothing', () => failWith(undefined)],
  ])('is called again when it %s', async (_, make) => {
    const scheduler = new Scheduler();
    const fn = jest.fn(make() as () => Promise<unknown>);
    const job = scheduler.spawnNow(fn, { retry: { retries: 1, ...steady } });
    const waited = job.wait().catch(() => 'failed');
    await advance(1_000);
    expect([await waited, fn.mock.calls.length]).toEqual(['failed', 2]);
  });

  it('tells each call which attempt it is', async () => {
    const scheduler = new Scheduler();
    const { fn } = failing(1);
    const job = scheduler.spawnNow(fn, { retry: { retries: 1, ...steady } });
    expect(job.attempt).toBe(1);
    await advance(0);
    expect([job.state, job.attempt]).toEqual(['pending', 2]);
    await advance(1_000);
    expect([job.state, job.attempt]).toEqual(['closed', 2]);
    expect(scheduler.spawnNow(stubborn).attempt).toBe(1);
    let shield: JobContext | undefined;
    void scheduler.shield((context) => void (shield = context));
    expect(shield?.attempt).toBe(1);
  });

  describe('between two attempts', () => {
    it('is pending and holds no slot: the next one starts', async () => {
      const scheduler = new Scheduler({ limit: 1 });
      const job = scheduler.spawnNow(failing(1).fn, { retry: { retries: 1, ...steady } });
      const next = scheduler.spawnNow(stubborn);
      await advance(0);
      expect([job.state, next.state]).toEqual(['pending', 'active']);
      expect([scheduler.activeCount, scheduler.pendingCount]).toEqual([1, 1]);
      expect([job.startedAt, [...scheduler].map(({ id }) => id)]).toEqual([undefined, [1, 2]]);
      expect(scheduler.has(job)).toBe(true);
    });

    it('counts for the pending limit', async () => {
      const scheduler = new Scheduler({ limit: 1, pendingLimit: 1 });
      scheduler.spawnNow(failing(1).fn, { retry: { retries: 1, ...steady } });
      await advance(0);
      scheduler.spawnNow(stubborn);
      expect(() => scheduler.spawnNow(stubborn)).toThrow(/No room/);
    });

    it('goes for a slot when its time has come, at the place that its spawn gave it', async () => {
      const scheduler = new Scheduler({ limit: 1 });
      const started: unknown[] = [];
      const end = deferred();
      scheduler.spawnNow(
        ({ attempt }) => {
          started.push(`first, ${attempt}`);
          if (attempt === 1) throw new Error('once');
        },
        { retry: { retries: 1, ...steady } },
      );
      scheduler.spawnNow(() => end.promise);
      for (const name of ['second', 'third']) scheduler.spawnNow(() => started.push(name));
      await advance(5_000);
      expect(started).toEqual(['first, 1']);
      end.resolve();
      await advance(0);
      expect(started).toEqual(['first, 1', 'first, 2', 'second', 'third']);
    });

    it('may be cancelled: it ends at once, holds no timer and is not called again', async () => {
      const { scheduler, told } = listeningScheduler();
      const { attempts, fn } = failing(9);
      const job = scheduler.spawnNow(fn, { retry: { retries: 5, ...steady } });
      const waited = job.wait().catch((error: unknown) => error);
      await advance(0);
      await job.close({ reason: 'enough' });
      expect([job.outcome, scheduler.size, jest.getTimerCount()]).toEqual(['cancelled', 0, 0]);
      expect(await waited).toMatchObject({ code: 'ERR_JOB_CANCELLED', cause: 'enough' });
      await advance(60_000);
      expect([attempts, told]).toEqual([[1], []]);
    });

    it('may be cancelled by its signal', async () => {
      const scheduler = new Scheduler();
      const { signal, abort } = ((controller) => ({
        signal: controller.signal,
        abort: () => controller.abort(),
      }))(new AbortController());
      const { attempts, fn } = failing(9);
      const job = scheduler.spawnNow(fn, { signal, retry: { retries: 5, ...steady } });
      await advance(0);
      abort();
      expect([job.outcome, scheduler.size, jest.getTimerCount()]).toEqual(['cancelled', 0, 0]);
      await advance(60_000);
      expect(attempts).toEqual([1]);
    });

    it('is cancelled by close(), as one that never started', async () => {
      const scheduler = new Scheduler();
      const { attempts, fn } = failing(9);
      scheduler.spawnNow(fn, { name: 'again', retry: { retries: 5, ...steady } });
      await advance(0);
      const { neverStarted, cancelled } = await scheduler.close();
      expect([names(neverStarted), cancelled, jest.getTimerCount()]).toEqual([['again'], [], 0]);
      await advance(60_000);
      expect(attempts).toEqual([1]);
    });

    it('is waited for by idle()', async () => {
      const scheduler = new Scheduler();
      const { attempts, fn } = failing(1);
      scheduler.spawnNow(fn, { retry: { retries: 1, ...steady } });
      const idle = scheduler.idle();
      await advance(1_000);
      await idle;
      expect(attempts).toEqual([1, 2]);
    });

    it('is held back by pause() when its time has come', async () => {
      const scheduler = new Scheduler();
      const { attempts, fn } = failing(1);
      scheduler.spawnNow(fn, { retry: { retries: 1, ...steady } });
      scheduler.pause();
      await advance(1_000);
      expect(attempts).toEqual([1]);
      scheduler.resume();
      expect(attempts).toEqual([1, 2]);
    });
  });

  describe('waits', () => {
    it('1 s, 2 s, 4 s, … but no longer than 30 s', async () => {
      const times = await attemptTimes({ retries: 7, jitter: false });
      const delays = times.slice(1).map((at, index) => at - (times[index] as number));
      expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    });

    it('as its options say', async () => {
      const retry = { retries: 4, delay: 10, factor: 3, maxDelay: 100, jitter: false };
      expect(await attemptTimes(retry)).toEqual([0, 10, 40, 130, 230]);
    });

    it.each([
      { factor: 1e300, delay: 0 },
      { factor: 1, delay: 0 },
    ])('not at all with %p', async (options) => {
      expect(await attemptTimes({ retries: 3, jitter: false, ...options })).toEqual([0, 0, 0, 0]);
    });

    it('a random part of that by default', async () => {
      const random = jest.spyOn(Math, 'random').mockReturnValueOnce(0.5).mockReturnValueOnce(0.25);
      expect(await attemptTimes({ retries: 2 })).toEqual([0, 500, 1_000]);
      random.mockRestore();
    });
  });

  describe('asks `when`', () => {
    it('with the error and the attempt that failed, while there are attempts left', async () => {
      const when = jest.fn(() => true);
      const scheduler = new Scheduler({ exceptionHandler: () => {} });
      scheduler.spawnNow(failing(9).fn, { retry: { retries: 2, ...steady, when } });
      await advance(10_000);
      expect(when.mock.calls).toEqual([
        [new Error('failure 1'), 1],
        [new Error('failure 2'), 2],
      ]);
    });

    it('which may say no', async () => {
      const { attempts, fn } = failing(9);
      const job = new Scheduler().spawnNow(fn, { retry: { retries: 5, when: () => false } });
      await expect(job.wait()).rejects.toThrow('failure 1');
      expect([attempts, job.outcome]).toEqual([[1], 'failed']);
    });

    it('which may give the ms until the next, beyond `maxDelay` and without jitter', async () => {
      const { attempts, fn } = failing(1);
      new Scheduler().spawnNow(fn, { retry: { retries: 1, maxDelay: 1, when: () => 90_000 } });
      await advance(89_999);
      expect(attempts).toEqual([1]);
      await advance(1);
      expect(attempts).toEqual([1, 2]);
    });

    it('whose own error is the failure', async () => {
      const { attempts, fn } = failing(9);
      const retry: RetryOptions = {
        retries: 5,
        when: () => {
          throw new Error('when failed');
        },
      };
      const job = new Scheduler().spawnNow(fn, { retry });
      await expect(job.wait()).rejects.toThrow('when failed');
      expect(attempts).toEqual([1]);
    });

    it.each([
      [undefined, TypeError],
      ['1s', TypeError],
      [Promise.resolve(true), TypeError],
      [-1, RangeError],
      [NaN, RangeError],
      [Infinity, RangeError],
    ] as const)(
      'which gave %p: that is the failure, and names what was wrong',
      async (bad, type) => {
        const when = (): boolean => bad as unknown as boolean;
        const job = new Scheduler().spawnNow(failing(9).fn, { retry: { retries: 5, when } });
        const error = await job.wait().catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(type);
        expect(error).toMatchObject({ cause: new Error('failure 1') });
        expect((error as Error).message).toContain(
          '`retry.when()` to be true, false or milliseconds',
        );
      },
    );

    it('which is async, and rejects: no unhandled rejection', async () => {
      const unhandled = jest.fn();
      process.on('unhandledRejection', unhandled);
      const retry = { retries: 5, when: rejecting as unknown as () => boolean };
      const job = new Scheduler().spawnNow(failing(9).fn, { retry });
      await expect(job.wait()).rejects.toThrow('`retry.when()` to be true');
      await nextTurn();
      process.off('unhandledRejection', unhandled);
      expect(unhandled).not.toHaveBeenCalled();
    });

    it('which may cancel the job', async () => {
      const { attempts, fn } = failing(9);
      const job: Job<string> = new Scheduler().spawnNow(fn, {
        retry: {
          retries: 5,
          when: () => {
            void job.close().catch(() => {});
            return true;
          },
        },
      });
      await expect(job.wait()).rejects.toThrow('failure 1');
      await advance(60_000);
      expect([attempts, job.outcome]).toEqual([[1], 'failed']);
    });
  });

  describe('that is cancelled while it runs', () => {
    it('is not tried again', async () => {
      const fn = jest.fn(obedient);
      const scheduler = new Scheduler();
      const job = scheduler.spawnNow(fn, { retry: 5 });
      await job.close();
      await advance(60_000);
      expect([fn.mock.calls.length, job.outcome]).toEqual([1, 'cancelled']);
    });

    it('nor if that was its timeout, which counts for each attempt', async () => {
      const scheduler = new Scheduler();
      const fn = jest.fn((job: JobContext) => {
        if (job.attempt < 3) return new Promise((_, reject) => setTimeout(reject, 80, new Error()));
        return obedient(job);
      });
      const job = scheduler.spawnNow(fn, {
        timeout: 100,
        retry: { retries: 5, delay: 10, factor: 1, jitter: false },
      });
      const waited = job.wait().catch((error: unknown) => error);
      await advance(279);
      expect(job.state).toBe('active');
      await advance(1);
      expect(await waited).toMatchObject({ cause: { code: 'ERR_JOB_TIMEOUT' } });
      await advance(60_000);
      expect(fn).toHaveBeenCalledTimes(3);
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  it('sees the async context of its spawn() in each attempt, whatever an earlier one entered', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const scheduler = new Scheduler();
    const spawn = (name: string): void => {
      storage.run(name, () => {
        scheduler.spawnNow(
          async ({ attempt }) => {
            seen.push(storage.getStore());
            storage.enterWith(`entered by ${name}`);
            await Promise.resolve();
            if (attempt < 3) throw new Error('again');
          },
          { retry: { retries: 2, ...steady } },
        );
      });
    };
    spawn('a');
    spawn('b');
    await advance(10_000);
    expect(seen).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it("sees the scheduler's in each, where all jobs do", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const scheduler = storage.run('all', () => new Scheduler({ context: 'scheduler' }));
    storage.run('own', () => {
      scheduler.spawnNow(
        ({ attempt }) => {
          seen.push(storage.getStore());
          if (attempt < 2) throw new Error('again');
        },
        { retry: { retries: 1, ...steady } },
      );
    });
    await advance(10_000);
    expect(seen).toEqual(['all', 'all']);
  });

  it('waits for its `after` once', async () => {
    const after = deferred();
    const { attempts, fn } = failing(1);
    const scheduler = new Scheduler();
    scheduler.spawnNow(fn, { after: after.promise, retry: { retries: 1, ...steady } });
    await advance(60_000);
    expect(attempts).toEqual([]);
    after.resolve();
    await advance(1_000);
    expect([attempts, scheduler.size]).toEqual([[1, 2], 0]);
  });

  it('counts each attempt as a start for the rate', async () => {
    const times: number[] = [];
    const begin = performance.now();
    const scheduler = new Scheduler({ rate: { starts: 1, per: 500 } });
    scheduler.spawnNow(
      ({ attempt }) => {
        times.push(performance.now() - begin);
        if (attempt < 3) throw new Error('again');
      },
      { retry: { retries: 2, delay: 100, factor: 1, jitter: false } },
    );
    await advance(2_000);
    expect(times).toEqual([0, 500, 1_000]);
  });

  it('holds no slot of its key either', async () => {
    const scheduler = new Scheduler({ perKey: 1 });
    const started: string[] = [];
    scheduler.spawnNow(
      ({ attempt }) => {
        started.push(`a ${attempt}`);
        if (attempt < 2) throw new Error('again');
      },
      { key: 'k', retry: { retries: 1, ...steady } },
    );
    scheduler.spawnNow(() => void started.push('b'), { key: 'k' });
    await advance(1_000);
    expect(started).toEqual(['a 1', 'b', 'a 2']);
  });

  it('holds no place of its group, and is no failure of it before its last attempt', async () => {
    const group = new Scheduler().group({ limit: 1 });
    const started: string[] = [];
    group.spawnNow(
      ({ attempt }) => {
        started.push(`a ${attempt}`);
        if (attempt < 3) throw new Error('again');
      },
      { retry: { retries: 2, delay: 10, jitter: false } },
    );
    group.spawnNow(() => void started.push('b'));
    const waited = group.wait();
    await advance(1_000);
    await waited;
    expect(started).toEqual(['a 1', 'b', 'a 2', 'a 3']);
  });

  it('waits for the end of the groups inside it before it is tried again', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const end = deferred();
    const attempts: number[] = [];
    const job = scheduler.spawnNow(
      (context) => {
        attempts.push(context.attempt);
        if (context.attempt > 1) return;
        scheduler.group({ inside: context }).spawnNow(() => end.promise);
        throw new Error('again');
      },
      { retry: { retries: 1, ...steady } },
    );
    await advance(5_000);
    expect([attempts, job.state]).toEqual([[1], 'active']);
    end.resolve();
    await advance(0);
    expect(job.state).toBe('pending');
    await advance(1_000);
    expect([attempts, job.outcome]).toEqual([[1, 2], 'completed']);
  });

  describe('in a drain', () => {
    it.each(['drain', 'waitAndClose'] as const)(
      'that begins between two attempts gets the next at once, and it is the last: %s()',
      async (end) => {
        const { scheduler, told } = listeningScheduler();
        const { attempts, fn } = failing(9);
        scheduler.spawnNow(fn, { retry: { retries: 9, delay: 20_000, jitter: false } });
        await advance(0);
        const ended = scheduler[end]();
        expect(attempts).toEqual([1, 2]);
        await advance(0);
        expect(await ended).toMatchObject({ failed: 1, neverStarted: [] });
        expect(told.map(({ exception }) => exception)).toEqual([new Error('failure 2')]);
        expect(jest.getTimerCount()).toBe(0);
      },
    );

    it('gets its next attempt at once if it fails meanwhile, and it is the last', async () => {
      const scheduler = new Scheduler({ exceptionHandler: () => {} });
      const fail = deferred();
      const attempts: number[] = [];
      scheduler.spawnNow(
        async ({ attempt }) => {
          attempts.push(attempt);
          if (attempt === 1) await fail.promise;
          throw new Error('again');
        },
        { retry: { retries: 9, delay: 20_000 } },
      );
      const drained = scheduler.drain();
      fail.resolve();
      await advance(0);
      expect((await drained).failed).toBe(1);
      expect(attempts).toEqual([1, 2]);
    });

    it('starts with the others in their order', async () => {
      const scheduler = new Scheduler({ limit: 1 });
      const started: string[] = [];
      const once =
        (name: string) =>
        ({ attempt }: JobContext): void => {
          started.push(`${name} ${attempt}`);
          if (attempt === 1) throw new Error('again');
        };
      const retry = { retries: 1, delay: 10_000, jitter: false };
      scheduler.spawnNow(once('a'), { retry });
      scheduler.spawnNow(once('b'), { retry, priority: 1 });
      void scheduler.drain();
      expect(started).toEqual(['a 1', 'b 1', 'b 2', 'a 2']);
    });

    it('of another group goes on waiting', async () => {
      const { poolOf, resolveJobOptions } = await import('@outlive/core/internal');
      const scheduler = new Scheduler();
      const pool = poolOf(scheduler);
      const [own, other] = [pool.newGroup(), pool.newGroup()];
      const options = resolveJobOptions({ retry: { retries: 1, delay: 20_000, jitter: false } });
      const [first, second] = [failing(1), failing(1)];
      pool.spawnNow(first.fn, options, own);
      pool.spawnNow(second.fn, options, other);
      await advance(0);
      void pool.drain({ group: own, timeout: 25_000, closeTimeout: 100, from: [] });
      expect([first.attempts, second.attempts]).toEqual([[1, 2], [1]]);
    });

    it('without a grace is cancelled, as one that never started', async () => {
      const scheduler = new Scheduler();
      const { attempts, fn } = failing(9);
      const job = scheduler.spawnNow(fn, { retry: { retries: 9, ...steady } });
      await advance(0);
      const { neverStarted } = await scheduler.drain({ timeout: 0 });
      expect([neverStarted, attempts]).toEqual([[job], [1]]);
    });
  });

  it('keeps no `when` in memory once it has ended, and no outcome of an earlier attempt', async () => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(failing(1).fn, {
      retry: { retries: 1, ...steady, when: () => 5 },
    });
    await advance(5);
    const { options, work } = job as unknown as { options: { retry: unknown }; work: unknown };
    expect([options.retry, work]).toEqual([undefined, 'done']);
  });
});

describe('the options of `retry`', () => {
  it.each([
    ['retry', -1, RangeError, 'a whole number from 0 or Infinity'],
    ['retry', 1.5, RangeError, 'a whole number from 0 or Infinity'],
    ['retry', NaN, RangeError, 'a whole number from 0 or Infinity'],
    ['retry', '3', TypeError, 'an object'],
    ['retry', true, TypeError, 'an object'],
    ['retry', null, TypeError, 'an object'],
    ['retry.retries', { delay: 1 }, TypeError, 'a whole number from 0 or Infinity'],
    ['retry.retries', { retries: -1 }, RangeError, 'a whole number from 0 or Infinity'],
    ['retry.delay', { retries: 1, delay: -1 }, RangeError, 'milliseconds from 0'],
    ['retry.maxDelay', { retries: 1, maxDelay: '1s' }, TypeError, 'milliseconds from 0'],
    ['retry.factor', { retries: 1, factor: 0.5 }, RangeError, 'a number from 1'],
    ['retry.factor', { retries: 1, factor: Infinity }, RangeError, 'a finite number'],
    ['retry.jitter', { retries: 1, jitter: 'full' }, TypeError, 'a boolean'],
    ['retry.when', { retries: 1, when: true }, TypeError, 'a function'],
  ] as const)('%s: %p throws at the call', (option, retry, type, allowed) => {
    const scheduler = new Scheduler();
    const fn = jest.fn();
    const spawn = (): unknown => scheduler.spawnNow(fn, { retry: retry as unknown as number });
    expect(spawn).toThrow(type);
    expect(spawn).toThrow(`\`${option}\` to be ${allowed}`);
    expect([fn.mock.calls.length, scheduler.size]).toEqual([0, 0]);
  });

  it('are suggested when misspelt', () => {
    const retry = { retires: 3 } as unknown as RetryOptions;
    expect(() => new Scheduler().spawnNow(() => {}, { retry })).toThrow(/Did you mean `retries`/);
  });
});

describe('retries of many jobs', () => {
  it('leave the order, the limit and the process alone', async () => {
    const scheduler = new Scheduler({ limit: 10, exceptionHandler: () => {} });
    let running = 0;
    let most = 0;
    let done = 0;
    for (let count = 0; count < 2_000; count += 1) {
      void scheduler.spawn(
        async ({ attempt }) => {
          running += 1;
          most = Math.max(most, running);
          await Promise.resolve();
          running -= 1;
          if (attempt < 3) throw new Error('again');
          done += 1;
        },
        { retry: { retries: 2, delay: 5 } },
      );
    }
    await scheduler.idle();
    expect([done, most, scheduler.size]).toEqual([2_000, 10, 0]);
  });
});
