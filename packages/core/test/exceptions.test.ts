import nodeConsole from 'node:console';
import { type DrainReport, type ExceptionHandler, Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { failWith, stubborn } from './support/functions.ts';
import { nothing } from './support/report.ts';
import { settled } from './support/settled.ts';
import { listeningScheduler } from './support/told.ts';

const boom = new Error('boom');

function thrown(what: string): never {
  throw new Error(what);
}

function withGetter(key: string): Error {
  return Object.defineProperty(new Error('evil'), key, { get: () => thrown(`${key} getter`) });
}
function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error('gone'), {});
  revoke();
  return proxy;
}

// oxlint-disable-next-line unicorn/no-thenable -- that is the evil
const evil = { then: (): never => thrown('then() of the handler') };

class Evil extends Promise<void> {
  // oxlint-disable-next-line unicorn/no-thenable -- that is the evil
  override then(): never {
    return thrown('then() of Evil');
  }
}

describe('a failure', () => {
  it('goes to the exception handler, once, if nobody waits', async () => {
    const { scheduler, told } = listeningScheduler();
    const job = scheduler.spawnNow(failWith(boom), { name: 'mail' });
    await settled();
    expect(told).toEqual([{ message: 'Job processing failed', exception: boom, job }]);
    expect(told[0]?.job).toBe(job);
  });

  it('goes to the exception handler for a function that throws synchronously', async () => {
    const { scheduler, told } = listeningScheduler();
    const job = scheduler.spawnNow(() => {
      throw boom;
    });
    expect(job.outcome).toBe('failed');
    await settled();
    expect(told.map((each) => each.exception)).toEqual([boom]);
  });

  it('goes to every waiter, and then not to the exception handler', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    const waits = [job.wait(), job.wait({ timeout: 60_000 })];
    work.reject(boom);
    for (const wait of waits) await expect(wait).rejects.toBe(boom);
    await settled();
    expect(told).toEqual([]);
  });

  it('goes to a waiter whose promise was dropped', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    void job.wait();
    work.reject(boom);
    await settled();
    expect(job.outcome).toBe('failed');
    expect(told).toEqual([]);
  });

  it('goes to whoever waited while the job was pending', async () => {
    const { scheduler, told } = listeningScheduler({ limit: 1 });
    const first = deferred();
    scheduler.spawnNow(() => first.promise);
    const wait = scheduler.spawnNow(failWith(boom)).wait();
    first.resolve();
    await expect(wait).rejects.toBe(boom);
    await settled();
    expect(told).toEqual([]);
  });

  it('is thrown by a later wait() as well, and told only once', async () => {
    const { scheduler, told } = listeningScheduler();
    const job = scheduler.spawnNow(failWith(boom));
    await settled();
    await expect(job.wait()).rejects.toBe(boom);
    await settled();
    expect(told).toHaveLength(1);
  });

  it('goes to the handler if the only wait has timed out', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    await expect(job.wait({ timeout: 0 })).rejects.toMatchObject({ name: 'TimeoutError' });
    work.reject(boom);
    await settled();
    expect(told.map((each) => each.exception)).toEqual([boom]);
  });

  it('goes to the handler if the only wait was aborted', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    const controller = new AbortController();
    const wait = job.wait({ signal: controller.signal });
    controller.abort('enough');
    await expect(wait).rejects.toBe('enough');
    work.reject(boom);
    await settled();
    expect(told.map((each) => each.exception)).toEqual([boom]);
  });

  it('is never lost to a wait that is aborted in the moment of the failure', async () => {
    const { scheduler, told } = listeningScheduler({ limit: 1 });
    const work = deferred();
    const controller = new AbortController();
    const wait = scheduler
      .spawnNow(() => work.promise)
      .wait({ signal: controller.signal })
      .then(undefined, (error: unknown) => error);
    // Starts in the very call in which the first job fails.
    scheduler.spawnNow(() => controller.abort('enough'));
    work.reject(boom);
    const got: unknown = await wait;
    await settled();
    expect([got, ...told.map((each) => each.exception)]).toContain(boom);
  });

  it('is no business of drain() or close()', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = [deferred(), deferred()] as const;
    scheduler.spawnNow(() => work[0].promise);
    const drained = scheduler.drain();
    work[0].reject(boom);
    expect(await drained).toMatchObject({ failed: 1 });
    await settled();
    expect(told).toHaveLength(1);
    scheduler.spawnNow(() => work[1].promise);
    const closed = scheduler.close();
    work[1].reject(boom);
    expect(await closed).toMatchObject({ failed: 1 });
    await settled();
    expect(told).toHaveLength(2);
  });
});

describe('exceptionHandler', () => {
  let stderr: jest.SpyInstance<void, unknown[]>;
  beforeEach(() => {
    stderr = jest.spyOn(console, 'error').mockImplementation(() => {});
  });
  afterEach(() => {
    stderr.mockRestore();
  });
  const printed = (): unknown[] => stderr.mock.calls.flat();

  it('is given the scheduler', async () => {
    const handler = jest.fn();
    const scheduler = new Scheduler({ exceptionHandler: handler });
    scheduler.spawnNow(failWith(boom));
    await settled();
    expect(handler).toHaveBeenCalledTimes(1);
    expect(handler.mock.calls[0]?.[1]).toBe(scheduler);
    expect(printed()).toEqual([]);
  });

  it.each<[string, ExceptionHandler, string]>([
    ['throws', () => thrown('handler'), 'handler'],
    ['rejects', async () => thrown('handler'), 'handler'],
    ['returns a thenable that throws', () => evil, 'then() of the handler'],
    [
      'rejects with a promise whose own `then` throws',
      // oxlint-disable-next-line unicorn/no-thenable -- that is the evil
      () => Object.assign(Promise.reject(new Error('handler')), { then: evil.then }),
      'handler',
    ],
    [
      'rejects with a promise whose own `then` is none',
      // oxlint-disable-next-line unicorn/no-thenable -- that is the evil
      () => Object.assign(Promise.reject(new Error('handler')), { then: 7 as never }),
      'handler',
    ],
    [
      'rejects with a promise of a class with an evil `then`',
      () => Evil.reject(new Error('handler')),
      'then() of Evil',
    ],
    [
      'returns an object with an evil then getter',
      // oxlint-disable-next-line unicorn/no-thenable -- that is the evil
      () => Object.defineProperty({}, 'then', { get: () => thrown('getter') }) as PromiseLike<void>,
      'getter',
    ],
  ])(
    'is printed, with the failure, when it %s; nothing else is disturbed',
    async (_, handler, message) => {
      const scheduler = new Scheduler({ exceptionHandler: handler, limit: 1 });
      scheduler.spawnNow(failWith(boom));
      const next = scheduler.spawnNow(() => 'fine');
      expect(await next.wait()).toBe('fine');
      await settled();
      const errors = printed().filter((each) => each instanceof Error);
      expect(errors).toEqual([expect.objectContaining({ message }), boom]);
    },
  );

  it('is not told of its own failure', async () => {
    const handler = jest.fn(() => thrown('handler'));
    const scheduler = new Scheduler({ exceptionHandler: handler });
    scheduler.spawnNow(failWith(boom));
    await settled();
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('may spawn, drain and close', async () => {
    const { promise: done, resolve } = deferred<number>();
    const scheduler = new Scheduler({
      exceptionHandler: async (_, itself) => {
        const job = await itself.spawn(() => 1);
        await itself.drain();
        await itself.close();
        resolve(await job.wait());
      },
    });
    scheduler.spawnNow(failWith(boom));
    expect(await done).toBe(1);
  });

  it('may wait for the end of the scheduler without the job that has not settled', async () => {
    const report = deferred<DrainReport>();
    const scheduler = new Scheduler({
      closeTimeout: Infinity,
      exceptionHandler: ({ job }, itself) => {
        void itself.close(job && { from: job }).then(report.resolve);
      },
    });
    scheduler.spawnNow(stubborn);
    const { abandoned } = await scheduler.drain({ timeout: 0, closeTimeout: 1 });
    expect(abandoned).toHaveLength(1);
    expect(await report.promise).toEqual(nothing);
  });

  it.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['null', () => null],
    ['a string', () => 'text'],
    ['a symbol', () => Symbol('s')],
    ['a frozen error', () => Object.freeze(new Error('cold'))],
    ['an error whose name throws', () => withGetter('name')],
    ['an error whose message throws', () => withGetter('message')],
    ['an error whose stack throws', () => withGetter('stack')],
    ['an object without a prototype', () => Object.create(null)],
    ['a revoked proxy', revoked],
  ])('is given exactly what was thrown: %s', async (_, make) => {
    const exception = make();
    const { scheduler, told } = listeningScheduler();
    const job = scheduler.spawnNow(failWith(exception));
    const other = scheduler.spawnNow(() => 'fine');
    await settled();
    expect(told).toHaveLength(1);
    expect(told[0]?.exception === exception).toBe(true);
    expect(job.outcome).toBe('failed');
    expect(await other.wait()).toBe('fine');
  });

  it.each<[string, () => unknown]>([
    ['name', () => withGetter('name')],
    ['message', () => withGetter('message')],
    ['stack', () => withGetter('stack')],
    ['anything at all', revoked],
  ])('fails a cancelled job whose error throws when asked for its %s', async (_, make) => {
    const exception = make();
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    const job = scheduler.spawnNow(() => work.promise);
    const closed = job.close().then(undefined, (error: unknown) => ({ error }));
    work.reject(exception);
    expect(((await closed) as { error: unknown }).error === exception).toBe(true);
    expect(job.outcome).toBe('failed');
    expect(told).toEqual([]);
  });
});

describe('without an exceptionHandler', () => {
  let written = '';
  beforeEach(() => {
    written = '';
    // Jest's own console formats differently: what counts is what arrives at stderr.
    jest.spyOn(process.stderr, 'write').mockImplementation((chunk: unknown) => {
      written += String(chunk);
      return true;
    });
    jest.spyOn(console, 'error').mockImplementation((...args: unknown[]) => {
      new nodeConsole.Console(process.stderr).error(...args);
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('a failed job is printed once, with its names and its error', async () => {
    const scheduler = new Scheduler({ name: 'web' });
    scheduler.spawnNow(failWith(boom), { name: 'mail' });
    await settled();
    expect(written).toMatch(/Job processing failed.*"mail".*"web"/);
    expect(written.match(/Error: boom/g)).toHaveLength(1);
  });

  it.each(['%s', '%d', '%c', '%o', '%%', '100 %', '%i%j%f%O'])(
    'a name like %p hides nothing of the error',
    async (name) => {
      const scheduler = new Scheduler({ name });
      scheduler.spawnNow(failWith(boom), { name });
      await settled();
      expect(written).toContain(`"${name}" of scheduler "${name}"`);
      expect(written).toContain(boom.stack);
    },
  );

  it('an error that cannot be printed still is', async () => {
    const error = Object.defineProperty(new Error('evil'), 'stack', {
      get: () => {
        throw boom;
      },
    });
    new Scheduler().spawnNow(failWith(error), { name: 'mail' });
    await settled();
    expect(written).toMatch(/Job processing failed.*"mail"/);
  });
});
