import { runInNewContext } from 'node:vm';
import { Scheduler } from '@outlive/core';
import {
  type BackoffOptions,
  defineJob,
  type ExhaustedJob,
  NonRetryableError,
} from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { memoryWith, storeOpener } from './support/open-store.ts';
import { Runs } from './support/runs.ts';
import { tellExhausted } from '../src/worker/exhausted.ts';

const opened = storeOpener();

type Settled = { kind: string; delay?: number; final?: boolean; error?: unknown };

/** A job that fails `errors.length` times, and what is asked of the store each time. */
async function failing(
  errors: readonly unknown[],
  options: NonNullable<Parameters<typeof defineJob>[2]>,
): Promise<{ settled: Settled[]; reported: { message: string; exception: unknown }[] }> {
  const runs = new Runs('held', options);
  const settled: Settled[] = [];
  const backend = memoryWith((memory) => ({
    settle: async (lease, outcome) => {
      settled.push(outcome as Settled);
      // The times are looked at, and not waited for.
      return memory.settle(lease, outcome.kind === 'fail' ? { ...outcome, delay: 0 } : outcome);
    },
  }));
  const { jobs, reported } = await opened(runs, { backend });
  await jobs.enqueue(runs.job, {});
  for (const [index, error] of errors.entries()) {
    (await runs.begun(index + 1)).end(error as Error);
  }
  await until(() => settled.length === errors.length);
  return { settled, reported };
}

async function rejecting(): Promise<never> {
  throw new Error('too late');
}

function unread(): never {
  throw new Error('The getter throws');
}

const delaysOf = (settled: readonly Settled[]): (number | undefined)[] =>
  settled.map(({ delay }) => delay);
const error = new Error('The printer is out of paper');

describe('backoff', () => {
  it('as a number is doubled each time, up to maxBackoff', async () => {
    const { settled } = await failing([error, error, error, error], {
      backoff: 100,
      maxBackoff: 350,
    });
    expect(delaysOf(settled)).toEqual([100, 200, 350, 350]);
  });

  it('as an object grows by its factor, up to maxDelay', async () => {
    const { settled } = await failing([error, error, error, error], {
      backoff: { delay: 10, factor: 3, maxDelay: 200 },
    });
    expect(delaysOf(settled)).toEqual([10, 30, 90, 200]);
  });

  it('has no longest time where that is Infinity', async () => {
    const hours30 = 30 * 60 * 60 * 1_000;
    const { settled } = await failing([error, error], {
      backoff: hours30 / 2,
      maxBackoff: Infinity,
    });
    expect(delaysOf(settled)).toEqual([hours30 / 2, hours30]);
    const { settled: others } = await failing([error, error], {
      backoff: { delay: 20 * 60 * 60 * 1_000, maxDelay: Infinity },
    });
    expect(delaysOf(others)).toEqual([hours30 / 1.5, hours30 / 0.75]);
  });

  it('with jitter is a random part of the computed time', async () => {
    const { settled } = await failing([error, error, error, error, error], {
      backoff: { delay: 1_000, factor: 1, jitter: true },
      retries: 10,
    });
    const delays = delaysOf(settled).map(Number);
    expect(delays.every((delay) => delay >= 0 && delay <= 1_000)).toBe(true);
    expect(new Set(delays).size).toBeGreaterThan(1);
  });

  it('as a function is given the attempt and its error', async () => {
    const asked: unknown[] = [];
    const backoff = (attempt: number, failure: unknown): number => {
      asked.push([attempt, failure]);
      return attempt * 7;
    };
    const { settled } = await failing([error, error], { backoff });
    expect(delaysOf(settled)).toEqual([7, 14]);
    expect(asked).toEqual([
      [1, error],
      [2, error],
    ]);
  });

  it.each([
    [(): number => NaN, TypeError],
    [(): number => '7' as never, TypeError],
    [(): number => -1, RangeError],
    [(): number => Promise.resolve(7) as never, TypeError],
    [
      (): number => {
        throw new SyntaxError('broken');
      },
      SyntaxError,
    ],
  ] as const)(
    'is the default where a function has none, and that is reported: %p',
    async (backoff, type) => {
      const { settled, reported } = await failing([error], { backoff });
      expect(delaysOf(settled)).toEqual([1_000]);
      expect(reported).toContainEqual({
        message: 'The backoff function failed',
        exception: expect.any(type),
      });
    },
  );

  it('as an async function that rejects is no unhandled rejection', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const { settled } = await failing([error], { backoff: rejecting as never });
    await new Promise(setImmediate);
    process.off('unhandledRejection', unhandled);
    expect(delaysOf(settled)).toEqual([1_000]);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it.each<[BackoffOptions | number | string, RegExp]>([
    [-1, /`backoff`.*milliseconds from 0/],
    ['1s', /`backoff`/],
    [{ delay: 1.5 }, /`backoff\.delay`/],
    [{ factor: 0.5 }, /`backoff\.factor`.*from 1/],
    [{ factor: Infinity }, /`backoff\.factor`/],
    [{ maxDelay: -1 }, /`backoff\.maxDelay`/],
    [{ jitter: 1 as never }, /`backoff\.jitter`.*boolean/],
    [{ maxdelay: 1 } as never, /`maxdelay`.*Did you mean `maxDelay`/],
    [null as never, /`backoff`.*null/],
  ])('is checked when the job is defined: %p', (backoff, message) => {
    expect(() => defineJob('job', () => {}, { backoff: backoff as number })).toThrow(message);
  });

  it('has its longest time in one place', () => {
    expect(() => defineJob('job', () => {}, { backoff: { delay: 1 }, maxBackoff: 2 })).toThrow(
      'Give `maxDelay` in `backoff`, in place of `maxBackoff`',
    );
  });
});

describe('retries', () => {
  it('may be Infinity: no attempt is the last', async () => {
    const { settled, reported } = await failing([error, error], { retries: Infinity, backoff: 1 });
    expect(settled.map(({ final }) => final)).toEqual([undefined, undefined]);
    expect(reported).toMatchObject([
      { detail: expect.stringMatching(/, attempt 1, tried again in 0.001 s$/) },
      { detail: expect.stringMatching(/, attempt 2, tried again in 0.002 s$/) },
    ]);
  });
});

describe('a handler decides on its retry', () => {
  it('by a NonRetryableError: no further run', async () => {
    const cause = new Error('stolen');
    const { settled, reported } = await failing([new NonRetryableError('No', { cause })], {});
    expect(settled).toMatchObject([{ kind: 'fail', final: true, error: { message: 'No', cause } }]);
    expect(reported).toMatchObject([{ detail: expect.stringMatching(/1 of 6, not tried again$/) }]);
  });

  it.each([
    [
      'of a class of its own, with a code of its own',
      new (class CardRefused extends NonRetryableError {
        override readonly name = 'CardRefused';
        constructor(...args: ConstructorParameters<typeof NonRetryableError>) {
          super(...args);
          Object.assign(this, { code: 'CARD_REFUSED' });
        }
      })('No'),
    ],
    [
      'of another copy of the package',
      Object.assign(new Error('No'), { code: 'ERR_NON_RETRYABLE' }),
    ],
  ])('by a NonRetryableError %s: no further run', async (_, refused) => {
    const { settled } = await failing([refused], {});
    expect(settled).toMatchObject([{ kind: 'fail', final: true, error: { message: 'No' } }]);
  });

  it.each([
    ['text', { message: 'text' }],
    [error, { message: error.message, cause: error }],
    [undefined, { message: 'The job is not worth another run' }],
  ])('by context.fail(%p)', async (reason, expected) => {
    const exhausted: ExhaustedJob[] = [];
    const job = defineJob('failing', (_: object, { fail }) => fail(reason), {
      onExhausted: (each) => exhausted.push(each),
    });
    const { jobs } = await opened({ job } as unknown as Runs);
    await jobs.enqueue(job, {});
    await until(() => exhausted.length === 1);
    expect(exhausted).toMatchObject([
      { attempt: 1, error: { code: 'ERR_NON_RETRYABLE', ...expected } },
    ]);
  });

  it.each([null, '1800000000000', true, [], new Date(NaN)])(
    'by context.retryAt(%p), which is no time: an error that says so, and the backoff',
    async (time) => {
      const errors: unknown[] = [];
      const job = defineJob('timeless', (_: object, { retryAt }) => retryAt(time as never), {
        retries: 0,
        onExhausted: ({ error: reason }) => void errors.push(reason),
      });
      const { jobs } = await opened({ job } as unknown as Runs);
      await jobs.enqueue(job, {});
      await until(() => errors.length === 1);
      expect(errors).toMatchObject([
        { message: expect.stringMatching(/^Expected `at` to be a Date or epoch ms, got /) },
      ]);
    },
  );

  it('by context.retryAt() with a Date of another realm', async () => {
    const at: unknown = runInNewContext('new Date(Date.now() + 3_600_000)');
    const { settled } = await failing([Object.assign(new Error('later'), { retryAt: at })], {});
    const [outcome] = settled as { delay?: number }[];
    expect(outcome?.delay).toBeGreaterThan(3_000_000);
  });

  it('by context.retryAt(): then, instead of after the backoff', async () => {
    const attempts: [number, number][] = [];
    const before = Date.now();
    const job = defineJob(
      'later',
      (_: object, { attempt, retryAt }) => {
        attempts.push([attempt, Date.now() - before]);
        if (attempt === 1) retryAt(new Date(before + 300), 'too early');
      },
      { backoff: 60_000 },
    );
    const { jobs, reported } = await opened({ job } as unknown as Runs);
    await jobs.enqueue(job, {});
    await until(() => attempts.length === 2);
    expect(attempts.map(([attempt]) => attempt)).toEqual([1, 2]);
    expect(attempts[1]?.[1]).toBeGreaterThanOrEqual(300);
    expect(reported).toMatchObject([{ exception: { message: 'too early' } }]);
  });

  it('by any error with a retryAt, one in the past means at once, and none is farther than a store can tell', async () => {
    const { settled } = await failing(
      [
        Object.assign(new Error('429'), { retryAt: Date.now() + 60_000 }),
        Object.assign(new Error('429'), { retryAt: new Date(0) }),
        Object.assign(new Error('429'), { retryAt: 1e300 }),
        Object.assign(new Error('429'), { retryAt: 'soon' }),
      ],
      {},
    );
    const [first = 0, ...others] = delaysOf(settled);
    expect(first).toBeGreaterThan(50_000);
    const hundredYears = 100 * 366 * 24 * 60 * 60 * 1_000;
    expect(others).toEqual([0, hundredYears, 8_000]);
  });

  it('not by an error that cannot be read: that is a failed attempt like another', async () => {
    const unreadable = { get: unread };
    const properties = { code: unreadable, retryAt: unreadable, message: unreadable };
    const { settled } = await failing([Object.defineProperties(new Error('x'), properties)], {});
    expect(settled).toMatchObject([{ kind: 'fail', delay: 1_000 }]);
  });

  it('by context.retryAt() of what is no time: a failed attempt that says so', async () => {
    const job = defineJob('odd', (_: object, { retryAt }) => retryAt('soon' as never), {
      retries: 0,
    });
    const { jobs, reported } = await opened({ job } as unknown as Runs);
    await jobs.enqueue(job, {});
    await until(() => reported.length === 1);
    expect(String(reported[0]?.exception)).toMatch(/TypeError.*`at`.*a Date or epoch ms/);
  });
});

describe('onExhausted', () => {
  it('is called once, when no retry is left, with what failed', async () => {
    const exhausted: ExhaustedJob[] = [];
    const onExhausted = (job: ExhaustedJob): void => void exhausted.push(job);
    const runs = new Runs('held', { retries: 1, backoff: 0, onExhausted });
    const { jobs } = await opened(runs);
    const id = await jobs.enqueue(runs.job, { orderId: '7' });
    (await runs.begun(1)).end(new Error('first'));
    const second = await runs.begun(2);
    expect(exhausted).toEqual([]);
    second.end(error);
    await until(() => exhausted.length > 0);
    expect(exhausted).toEqual([{ id, name: 'held', payload: { orderId: '7' }, error, attempt: 2 }]);
  });

  it('is called for a payload that a newer schema refuses', async () => {
    const exhausted: ExhaustedJob[] = [];
    const issues = [{ message: 'no longer' }];
    let calls = 0;
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => (++calls === 1 ? { value } : { issues }),
      },
    };
    const runs = new Runs('held', { schema, onExhausted: (job) => void exhausted.push(job) });
    const { jobs } = await opened(runs);
    await jobs.enqueue(runs.job, {});
    await until(() => exhausted.length > 0);
    expect(exhausted).toMatchObject([{ attempt: 1, error: { code: 'ERR_JOB_PAYLOAD' } }]);
  });

  it('is not called where the end of the run belongs to another process', async () => {
    const exhausted: ExhaustedJob[] = [];
    const runs = new Runs('held', { retries: 0, onExhausted: (job) => void exhausted.push(job) });
    const backend = memoryWith(() => ({ settle: async () => false }));
    const { jobs, reported } = await opened(runs, { backend });
    await jobs.enqueue(runs.job, {});
    (await runs.begun()).end(error);
    await until(() => reported.length === 2);
    expect(reported).toMatchObject([{ message: 'Lease lost' }, { exception: error }]);
    expect(exhausted).toEqual([]);
  });

  it('is not called for a job that was cancelled before its last run failed', async () => {
    const exhausted: ExhaustedJob[] = [];
    const runs = new Runs('held', { retries: 0, onExhausted: (job) => void exhausted.push(job) });
    const { jobs } = await opened(runs);
    const id = String(await jobs.enqueue(runs.job, {}));
    const run = await runs.begun();
    // The process that runs it does not know yet.
    expect(await jobs.cancel(id)).toBe(true);
    run.end(error);
    await expect(jobs.wait(id)).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    await jobs.idle();
    expect(exhausted).toEqual([]);
  });

  it('may be async: the close waits for it; its failure is reported', async () => {
    let finish: ((error: Error) => void) | undefined;
    const onExhausted = async (): Promise<void> =>
      new Promise((_, reject) => {
        finish = reject;
      });
    const runs = new Runs('held', { retries: 0, onExhausted });
    const { jobs, reported } = await opened(runs);
    await jobs.enqueue(runs.job, {});
    (await runs.begun()).end(error);
    await until(() => finish !== undefined);
    let closed = false;
    const closing = jobs.waitAndClose().then(() => (closed = true));
    await new Promise(setImmediate);
    expect(closed).toBe(false);
    finish?.(new Error('The pager is off'));
    await closing;
    expect(reported).toContainEqual({
      message: 'onExhausted() failed',
      exception: new Error('The pager is off'),
    });
  });

  it('keeps its slot, and a drain, for no longer than the `timeout` of a run; that is reported', async () => {
    let fail: ((error: Error) => void) | undefined;
    const onExhausted = async (): Promise<void> =>
      new Promise((_, reject) => {
        fail = reject;
      });
    const runs = new Runs('held', { retries: 0, timeout: 100, onExhausted });
    const { jobs, reported } = await opened(runs, { limit: 1 });
    await jobs.enqueueMany(runs.job, [1, 2]);
    (await runs.begun(1)).end(error);
    (await runs.begun(2)).end();
    expect(reported).toContainEqual({
      message: 'onExhausted() failed',
      exception: new Error(
        'onExhausted() of held has not settled for 100 ms: nothing waits for it',
      ),
    });
    expect(await jobs.waitAndClose()).toMatchObject({ shields: 0 });
    fail?.(new Error('The pager is off'));
    await until(() => reported.length === 3);
    expect(reported[2]?.exception).toEqual(new Error('The pager is off'));
  });

  it('keeps neither for longer than a minute where a run has no `timeout`, or a longer one', async () => {
    jest.useFakeTimers();
    const exceptionHandler = jest.fn();
    const scheduler = new Scheduler({ exceptionHandler });
    const job = { id: '1', name: 'held', payload: 7, attempt: 3, error };
    for (const timeout of [undefined, 3_600_000]) {
      const options = { timeout, onExhausted: async () => new Promise(() => {}) };
      const told = tellExhausted(scheduler, defineJob('held', () => {}, options) as never, job);
      await jest.advanceTimersByTimeAsync(59_999);
      expect(exceptionHandler).not.toHaveBeenCalled();
      await jest.advanceTimersByTimeAsync(1);
      await told;
      expect(exceptionHandler).toHaveBeenCalledTimes(1);
      exceptionHandler.mockClear();
    }
    jest.useRealTimers();
  });

  it('does not hold up a close', async () => {
    const told = jest.fn(async () => new Promise(() => {}));
    const runs = new Runs('held', { retries: 0, onExhausted: told });
    const { jobs } = await opened(runs);
    await jobs.enqueue(runs.job, {});
    (await runs.begun()).end(error);
    await until(() => told.mock.calls.length > 0);
    const before = performance.now();
    await jobs.close();
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  it('is told of a job whose process died in its last run', async () => {
    const exhausted: ExhaustedJob[] = [];
    const runs = new Runs('held', { onExhausted: (job) => void exhausted.push(job) });
    const died = { id: '1', name: 'held', payload: 7, attempt: 3, error };
    const backend = memoryWith((memory) => ({
      open: async (specs, options) => {
        await memory.open(specs, options);
        options.onDied?.(died);
      },
    }));
    await opened(runs, { backend });
    await until(() => exhausted.length > 0);
    expect(exhausted).toEqual([died]);
  });

  it('is checked when the job is defined', () => {
    expect(() => defineJob('job', () => {}, { onExhausted: 'log' as never })).toThrow(
      /`onExhausted`.*a function/,
    );
  });
});
