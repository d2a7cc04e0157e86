import {
  defineJob,
  type DurableJobs,
  memoryBackend,
  openJobs,
  UnsupportedError,
} from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { down, memoryWith, storeOpener } from './support/open-store.ts';
import { Runs } from './support/runs.ts';

const open = storeOpener();

/** A job that returns what `value` gives. */
function returning(value: () => unknown, options?: Parameters<typeof defineJob>[2]): Runs['job'] {
  return defineJob('returning', value, options as never);
}

async function opened(
  job: Runs['job'],
): Promise<{ jobs: DurableJobs; reported: [string, string][]; store: () => Promise<string> }> {
  const reported: [string, string][] = [];
  const jobs = await openJobs({
    jobs: [job],
    backend: memoryBackend(),
    exceptionHandler: ({ message, exception }) => void reported.push([message, String(exception)]),
  });
  return { jobs, reported, store: async () => String(await jobs.enqueue(job, {})) };
}

describe('what a handler returns', () => {
  it('is the result of its job, and of a wait for it', async () => {
    const { jobs, store } = await opened(returning(async () => ({ sent: new Date(0) })));
    const id = await store();
    const result = { sent: '1970-01-01T00:00:00.000Z' };
    expect(await jobs.wait(id)).toEqual(result);
    expect(await jobs.get(id)).toMatchObject({ state: 'completed', result });
    await jobs.close();
  });

  it('is not kept with keepResult: false', async () => {
    const { jobs, store } = await opened(returning(() => 'secret', { keepResult: false }));
    const id = await store();
    expect(await jobs.wait(id)).toBeUndefined();
    expect(await jobs.get(id)).not.toHaveProperty('result');
    await jobs.close();
  });

  it.each<[string, () => unknown, RegExp]>([
    ['too large', () => 'x'.repeat(70_000), /has 70002 bytes as JSON \(allowed: 65536\)/],
    ['no JSON', () => new Map(), /result is an instance of Map/],
    ['unstorable text', () => ({ text: '\0' }), /result\.text is text with a NUL/],
    ['an object that throws', () => ({ toJSON: () => down() }), /cannot be read/],
  ])(
    'is left out where it is %s: the job is completed, and that is reported once',
    async (_, value, reason) => {
      const { jobs, store, reported } = await opened(returning(value));
      for (let count = 0; count < 2; count += 1) {
        const id = await store();
        expect(await jobs.wait(id)).toBeUndefined();
        expect(await jobs.get(id)).toMatchObject({ state: 'completed', attempt: 1 });
      }
      expect(reported).toEqual([
        [
          expect.stringMatching(/^What job returning .* is not kept/),
          expect.stringMatching(reason),
        ],
      ]);
      await jobs.close();
    },
  );
});

describe('context.progress()', () => {
  it('keeps the last of the values that come faster than the store takes them', async () => {
    let writes = 0;
    const backend = memoryWith((memory) => ({
      runs: {
        ...memory.runs,
        async progress(lease, value) {
          writes += 1;
          await new Promise(setImmediate);
          return memory.runs.progress(lease, value);
        },
      },
    }));
    const runs = new Runs();
    const { jobs } = await open(runs, { backend });
    const id = String(await jobs.enqueue(runs.job, {}));
    const { context, end } = await runs.begun();
    await Promise.all(Array.from({ length: 50 }, async (_, done) => context.progress({ done })));
    expect(await jobs.get(id)).toMatchObject({ state: 'running', progress: { done: 49 } });
    expect(writes).toBeLessThan(4);
    end();
  });

  it('refuses what no store can keep, and raises no unhandled rejection where nobody awaits it', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, {
      backend: memoryWith((memory) => ({ runs: { ...memory.runs, progress: down } })),
    });
    await jobs.enqueue(runs.job, {});
    const { context, end } = await runs.begun();
    await expect(context.progress(new Map())).rejects.toMatchObject({ code: 'ERR_JOB_PAYLOAD' });
    await expect(context.progress('x'.repeat(70_000))).rejects.toThrow(
      /progress .* has 70002 bytes/,
    );
    await expect(context.progress(1)).rejects.toMatchObject({ code: 'ERR_JOB_STORE' });
    void context.progress(2);
    end();
    await jobs.idle();
  });

  it('does nothing in a process without a store', async () => {
    const { Scheduler } = await import('@outlive/core');
    const scheduler = new Scheduler({ localJobs: true });
    const seen: unknown[] = [];
    const job = defineJob('local', async (_: object, { progress }) => {
      seen.push(await progress({ done: 1 }));
      await progress(undefined).catch((error: { code: string }) => seen.push(error.code));
    });
    await job.spawnOn(
      {
        scheduler,
        spawn: scheduler.spawn.bind(scheduler),
        shield: scheduler.shield.bind(scheduler),
      },
      {},
    );
    await scheduler.waitAndClose();
    expect(seen).toEqual([undefined, 'ERR_JOB_PAYLOAD']);
  });
});

describe('jobs.wait()', () => {
  it('throws what the job failed with: its name, message and stack', async () => {
    const thrown = new RangeError('too many');
    const { jobs, store } = await opened(returning(() => Promise.reject(thrown), { retries: 0 }));
    const id = await store();
    const error: unknown = await jobs.wait(id).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'RangeError', message: 'too many', stack: thrown.stack });
    await jobs.close();
  });

  it('stops with its timeout or its signal, which leave the job and nothing else behind', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs);
    const id = String(await jobs.enqueue(runs.job, {}));
    await expect(jobs.wait(id, { timeout: 20 })).rejects.toMatchObject({ code: 'ERR_JOB_TIMEOUT' });
    const controller = new AbortController();
    const reason = new Error('not interested');
    const waiting = jobs.wait(id, { signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(jobs.wait(id, { signal: controller.signal })).rejects.toBe(reason);
    (await runs.begun()).end();
    expect(await jobs.wait(id, { timeout: 5_000 })).toBeUndefined();
  });

  it('gives the end of a job that has ended however short it is, and no later than its timeout or a second', async () => {
    const runs = new Runs();
    let isSlow = false;
    const backend = memoryWith(({ lookup }) => ({
      lookup: {
        ...lookup,
        async get(id) {
          if (isSlow) await new Promise(() => {});
          await new Promise(setImmediate);
          return lookup.get(id);
        },
      },
    }));
    const { jobs } = await open(runs, { backend });
    const id = String(await jobs.enqueue(runs.job, {}));
    await expect(jobs.wait(id, { timeout: 0 })).rejects.toMatchObject({ code: 'ERR_JOB_TIMEOUT' });
    (await runs.begun()).end();
    await jobs.wait(id);
    expect(await jobs.wait(id, { timeout: 0 })).toBeUndefined();
    isSlow = true;
    const begun = performance.now();
    await expect(jobs.wait(id, { timeout: 0 })).rejects.toMatchObject({ code: 'ERR_JOB_TIMEOUT' });
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('rejects for a job that is not there, and when this process closes', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs);
    await expect(jobs.wait('nothing')).rejects.toMatchObject({ code: 'ERR_JOB_NOT_FOUND' });
    const id = String(await jobs.enqueue(runs.job, {}, { delay: 60_000 }));
    const waiting = jobs.wait(id);
    const refused = waiting.catch((error: unknown) => error);
    await new Promise(setImmediate);
    await jobs.close();
    expect(await refused).toMatchObject({ code: 'ERR_SCHEDULER_CLOSED' });
  });
});

describe('jobs.cancel()', () => {
  it('ends a run that rejects as cancelled, which is no failure, and lets one that returns complete', async () => {
    const runs = new Runs('cancelled', { retries: 3 });
    const { jobs, reported } = await open(runs);
    const ids = [await jobs.enqueue(runs.job, {}), await jobs.enqueue(runs.job, {})].map(String);
    const [rejecting, returns] = [await runs.begun(1), await runs.begun(2)];
    for (const id of ids) expect(await jobs.cancel(id)).toBe(true);
    await until(() => rejecting.context.signal.aborted && returns.context.signal.aborted);
    expect(rejecting.context.signal.reason).toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    for (const id of ids) expect(await jobs.get(id)).toMatchObject({ state: 'running' });
    const waiting = jobs.wait(String(ids[0]));
    rejecting.end(new Error('of its own'));
    returns.end();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    await jobs.wait(String(ids[1]));
    expect(await jobs.get(String(ids[0]))).toMatchObject({ state: 'cancelled', attempt: 1 });
    expect(await jobs.get(String(ids[1]))).toMatchObject({ state: 'completed' });
    expect(reported).toEqual([]);
  });
});

describe('bad input', () => {
  it.each<[string, (jobs: DurableJobs) => unknown, RegExp]>([
    ['get()', (jobs) => jobs.get(7 as never), /`id` to be the id of a job, got 7/],
    ['cancel("")', (jobs) => jobs.cancel(''), /`id` to be the id of a job, got ''/],
    ['retry(null)', (jobs) => jobs.retry(null as never), /`id`/],
    ['discard({})', (jobs) => jobs.discard({} as never), /`id`/],
    ['wait()', (jobs) => jobs.wait('x', { timeout: -1 }), /`timeout`/],
    ['a signal', (jobs) => jobs.wait('x', { signal: 1 as never }), /`signal`/],
    ['a state', (jobs) => jobs.list({ state: 'complete' as never }), /Did you mean 'completed'\?/],
    ['no state', (jobs) => jobs.list({ state: 1 as never }), /one of waiting, delayed, running/],
    ['limit 0', (jobs) => jobs.list({ limit: 0 }), /`limit` to be a whole number from 1 to 1000/],
    ['an option', (jobs) => jobs.list({ sate: 'failed' } as never), /Did you mean `state`\?/],
    ['a name', (jobs) => jobs.list({ name: 'a b' }), /`name` to be 1 to 64 of/],
    ['no name', (jobs) => jobs.retryAll({} as never), /`name` to be 1 to 64 of/],
    ['no options', (jobs) => jobs.retryAll(undefined as never), /`options` to be an object/],
    ['no error', (jobs) => jobs.retryAll({ name: 'a', error: '' }), /`error`/],
    ['pause(undefined)', (jobs) => jobs.pause(undefined as never), /`name`/],
    ['resume("a:b")', (jobs) => jobs.resume('a:b'), /`name`/],
  ])('is refused at the call: %s', async (_, call, message) => {
    const { jobs } = await open(new Runs());
    expect(() => call(jobs)).toThrow(message);
    expect(() => call(jobs)).toThrow(/Expected|Unknown option/);
  });

  it.each<[object, RegExp]>([
    [{ keep: { complete: 1 } }, /Did you mean `completed`\?/],
    [{ keep: 7 }, /`keep` to be an object/],
    [{ keep: { failed: -1 } }, /`keep.failed`/],
    [{ keep: { failed: 'a day' } }, /`keep.failed` to be milliseconds, or \{ age, count \}/],
    [{ keep: { completed: { count: 1.5 } } }, /`keep.completed.count`/],
    [{ keep: { completed: { age: Number.NaN } } }, /`keep.completed.age`/],
    [{ keepResult: 'no' }, /`keepResult` to be a boolean/],
  ])('is refused by defineJob(): %j', (options, message) => {
    expect(() => defineJob('kept', () => {}, options)).toThrow(message);
  });
});

it('a store that does not answer is named, by every call', async () => {
  const { jobs } = await open(new Runs(), {
    backend: memoryWith((memory) => ({
      description: 'redis://shop:6379',
      lookup: { ...memory.lookup, get: async () => down(), list: async () => down() },
      control: { ...memory.control, cancel: async () => down(), retryAll: async () => down() },
    })),
  });
  const calls = [
    jobs.get('x'),
    jobs.list(),
    jobs.cancel('x'),
    jobs.retryAll({ name: 'a' }),
    jobs.wait('x'),
  ];
  for (const call of calls) {
    await expect(call).rejects.toMatchObject({
      code: 'ERR_JOB_STORE',
      message: 'redis://shop:6379 does not answer: The store is down',
    });
  }
});

it('without a name pause() and resume() are those of the scheduler', async () => {
  const runs = new Runs();
  const { jobs } = await open(runs);
  jobs.pause();
  const ran = jest.fn();
  const job = await jobs.spawn(ran);
  await new Promise(setImmediate);
  expect(ran).not.toHaveBeenCalled();
  jobs.resume();
  await job.wait();
});

it('an UnsupportedError names the store and what it cannot do', () => {
  expect(new UnsupportedError('redis://shop:6379', 'perKey')).toMatchObject({
    name: 'UnsupportedError',
    code: 'ERR_UNSUPPORTED',
    message: 'redis://shop:6379 does not support perKey',
    store: 'redis://shop:6379',
    feature: 'perKey',
  });
});

async function isDown(): Promise<never> {
  return down();
}

describe('a promise that nobody awaits', () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);

  beforeEach(() => {
    unhandled.length = 0;
    process.on('unhandledRejection', note);
  });

  afterEach(() => {
    process.off('unhandledRejection', note);
  });

  it('of wait(), is no unhandled rejection when the store closes first', async () => {
    const { jobs, store } = await opened(returning(async () => new Promise(() => {})));
    void jobs.wait(await store());
    await jobs.close();
    await new Promise(setImmediate);
    expect(unhandled).toEqual([]);
  });

  it('of a question to a store that is down, goes to the exception handler', async () => {
    const reported: string[] = [];
    const jobs = await openJobs({
      jobs: [],
      backend: memoryWith(({ lookup }) => ({ lookup: { ...lookup, get: isDown, depth: isDown } })),
      exceptionHandler: ({ message }) => void reported.push(message),
    });
    void jobs.get('1');
    void jobs.depth();
    await until(() => reported.length === 2);
    expect(new Set(reported)).toEqual(new Set(['Asking the job store failed']));
    await jobs.close();
    expect(unhandled).toEqual([]);
  });
});
