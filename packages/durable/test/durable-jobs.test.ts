import type { ExceptionContext } from '@outlive/core';
import { deferred } from '@outlive/core/internal';
import {
  type DefinedJob,
  defineJob,
  type DurableJobContext,
  type DurableJobs,
  type JobBackend,
  memoryBackend,
  openJobs,
  type OpenJobsOptions,
} from '@outlive/durable';

/** Lets the pump and the backend go on until the condition holds. */
async function until(condition: () => unknown): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

interface Run {
  readonly payload: unknown;
  readonly context: DurableJobContext;
  readonly end: (error?: Error) => void;
}

/** A job whose runs the test ends itself. */
class Runs {
  readonly all: Run[] = [];
  readonly job: DefinedJob<unknown>;

  constructor(name = 'held', options?: Parameters<typeof defineJob>[2]) {
    this.job = defineJob(
      name,
      (payload: unknown, context) =>
        new Promise<void>((resolve, reject) => {
          const end = (error?: Error): void => (error === undefined ? resolve() : reject(error));
          this.all.push({ payload, context, end });
        }),
      options as never,
    );
  }

  get first(): Run {
    const [run] = this.all;
    if (run === undefined) throw new Error('It has not run yet');
    return run;
  }
}

function failing(): never {
  throw new Error('The store is down');
}

describe('a durable job', () => {
  const opened: DurableJobs[] = [];
  const told: ExceptionContext[] = [];

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (jobs) => jobs.close()));
    told.length = 0;
  });

  async function open(
    runs: Runs,
    { backend = memoryBackend(), ...options }: Partial<OpenJobsOptions> = {},
  ): Promise<{ jobs: DurableJobs; backend: JobBackend }> {
    const jobs = await openJobs({
      jobs: [runs.job],
      backend,
      exceptionHandler: (context) => void told.push(context),
      ...options,
    });
    opened.push(jobs);
    return { jobs, backend };
  }

  it('runs with its payload, its id and the number of the attempt', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs);
    const id = await jobs.enqueue(runs.job, { orderId: '7' });
    await until(() => runs.all.length > 0);
    expect(runs.all[0]).toMatchObject({ payload: { orderId: '7' }, context: { id, attempt: 1 } });
    runs.all[0]?.end();
    await jobs.idle();
    expect(await jobs.depth()).toEqual({ held: { ready: 0, active: 0, failed: 0 } });
  });

  it('is claimed only when there is a free slot, also one that a plain job leaves', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, { limit: 2 });
    const plain = deferred<void>();
    jobs.spawnNow(() => plain.promise);
    for (let count = 0; count < 3; count += 1) await jobs.enqueue(runs.job, count);
    await until(() => runs.all.length === 1);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    expect([jobs.activeCount, jobs.pendingCount]).toEqual([2, 0]);
    expect((await jobs.depth())['held']).toEqual({ ready: 2, active: 1, failed: 0 });
    plain.resolve();
    await until(() => runs.all.length === 2);
    jobs.limit = 3;
    await until(() => runs.all.length === 3);
  });

  it('is not claimed while the scheduler is paused', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, { limit: 1 });
    await jobs.enqueue(runs.job, 1);
    await until(() => runs.all.length === 1);
    jobs.pause();
    await jobs.enqueue(runs.job, 2);
    runs.all[0]?.end();
    await jobs.idle();
    expect((await jobs.depth())['held']?.ready).toBe(1);
    jobs.resume();
    await until(() => runs.all.length === 2);
  });

  it('is retried when it throws, and every failure is told', async () => {
    const runs = new Runs('retried', { backoff: 0, retries: 1 });
    const { jobs } = await open(runs);
    await jobs.enqueue(runs.job, {});
    for (const attempt of [1, 2]) {
      await until(() => runs.all.length === attempt);
      expect(runs.all.at(-1)?.context.attempt).toBe(attempt);
      runs.all.at(-1)?.end(new Error(`attempt ${attempt}`));
    }
    await until(() => told.length === 2);
    expect(told.map(({ message, exception }) => [message, String(exception)])).toEqual([
      ['Job processing failed', 'Error: attempt 1'],
      ['Job processing failed', 'Error: attempt 2'],
    ]);
    expect((await jobs.depth())['retried']).toEqual({ ready: 0, active: 0, failed: 1 });
  });

  it('fails an attempt at its timeout', async () => {
    const runs = new Runs('slow', { timeout: 20, retries: 0 });
    const { jobs } = await open(runs);
    await jobs.enqueue(runs.job, {});
    await until(() => runs.all[0]?.context.signal.aborted);
    runs.all[0]?.end(new Error('too slow'));
    await jobs.idle();
    expect((await jobs.depth())['slow']).toEqual({ ready: 0, active: 0, failed: 1 });
  });

  it('is only stored by a process that does not work', async () => {
    const runs = new Runs();
    const backend = memoryBackend();
    const { jobs } = await open(runs, { backend, work: false });
    await jobs.enqueue(runs.job, {});
    expect((await jobs.depth())['held']?.ready).toBe(1);
    await open(runs, { backend });
    await until(() => runs.all.length === 1);
  });

  it('is refused if it was not opened, and after the close', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs);
    const other = defineJob('held', () => {});
    expect(() => jobs.enqueue(other, {})).toThrow(/`job` to be one of the jobs/);
    await jobs.close();
    await expect(jobs.enqueue(runs.job, {})).rejects.toMatchObject({
      code: 'ERR_SCHEDULER_CLOSED',
    });
  });

  it('rejects with the reason when the store does not take it', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, { backend: { ...memoryBackend(), enqueue: failing } });
    await expect(jobs.enqueue(runs.job, {})).rejects.toMatchObject({
      code: 'ERR_JOB_NOT_STORED',
      cause: new Error('The store is down'),
    });
  });

  describe('in a shutdown', () => {
    it('may finish within the grace; nothing more is claimed', async () => {
      const runs = new Runs();
      const { jobs, backend } = await open(runs);
      await jobs.enqueue(runs.job, 1);
      await until(() => runs.all.length === 1);
      const closing = jobs.waitAndClose();
      await jobs.enqueue(runs.job, 2);
      runs.all[0]?.end();
      expect(await closing).toMatchObject({ completed: 1, cancelled: [], abandoned: [] });
      expect(runs.all).toHaveLength(1);
      expect((await backend.depth())['held']).toEqual({ ready: 1, active: 0, failed: 0 });
    });

    it.each(['heeds', 'does not heed'])(
      'is handed back with its attempt when it %s its signal',
      async (how) => {
        const runs = new Runs('handed', { retries: 0 });
        const { jobs, backend } = await open(runs, { closeTimeout: 20 });
        await jobs.enqueue(runs.job, {});
        await until(() => runs.all.length === 1);
        const { end, context } = runs.first;
        if (how === 'heeds')
          context.signal.addEventListener('abort', () => end(new Error('stopped half way')));
        const report = await jobs.waitAndClose({ timeout: 20 });
        expect([report.cancelled.length, report.abandoned.length]).toEqual(
          how === 'heeds' ? [1, 0] : [0, 1],
        );
        const [lease] = await backend.claim(['handed'], 1, new AbortController().signal);
        expect(lease?.attempt).toBe(1);
        // What the deaf one still does changes nothing for the next that has it.
        end();
        await new Promise(setImmediate);
        expect((await backend.depth())['handed']?.active).toBe(1);
      },
    );

    it('is handed back when it stops by itself as the drain begins', async () => {
      const runs = new Runs('stops', { retries: 0 });
      const { jobs, backend } = await open(runs);
      await jobs.enqueue(runs.job, {});
      await until(() => runs.all.length === 1);
      const { end, context } = runs.first;
      context.draining.addEventListener('abort', () => end(context.draining.reason));
      await jobs.waitAndClose();
      expect((await backend.depth())['stops']).toEqual({ ready: 1, active: 0, failed: 0 });
    });

    it('is claimed again once a drain is over', async () => {
      const runs = new Runs();
      const { jobs } = await open(runs);
      await jobs.enqueue(runs.job, 1);
      await until(() => runs.all.length === 1);
      const drained = jobs.drain();
      await jobs.enqueue(runs.job, 2);
      runs.all[0]?.end();
      await drained;
      await until(() => runs.all.length === 2);
    });

    it('closes once, whoever asks', async () => {
      const { jobs } = await open(new Runs());
      const reports = await Promise.all([jobs.waitAndClose(), jobs.close(), jobs.close()]);
      expect(new Set(reports).size).toBe(1);
    });
  });

  describe('whose lease is lost', () => {
    it('has its signal aborted, and its outcome is not recorded', async () => {
      const runs = new Runs();
      const backend = memoryBackend();
      const settle = jest.fn(backend.settle);
      const lost: JobBackend = { ...backend, settle, renew: async (leases) => [...leases] };
      jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
      try {
        const { jobs } = await open(runs, { backend: lost });
        await jobs.enqueue(runs.job, {});
        await until(() => runs.all.length === 1);
        const { signal } = runs.first.context;
        expect(signal.aborted).toBe(false);
        await jest.advanceTimersByTimeAsync(10_500);
        expect(signal.reason).toMatchObject({ code: 'ERR_LEASE_LOST' });
        runs.all[0]?.end();
        await jobs.idle();
        expect(settle).not.toHaveBeenCalled();
        expect(told.map(({ message }) => message)).toEqual(['Lease lost']);
      } finally {
        jest.useRealTimers();
      }
    });

    it('counts it as lost when no renewal has come through for as long as it lasts', async () => {
      const runs = new Runs('cut', { leaseTime: 10_000 });
      const cut: JobBackend = { ...memoryBackend(), renew: failing };
      jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
      try {
        const { jobs } = await open(runs, { backend: cut });
        await jobs.enqueue(runs.job, {});
        await until(() => runs.all.length === 1);
        const { signal } = runs.first.context;
        await jest.advanceTimersByTimeAsync(9_000);
        expect(signal.aborted).toBe(false);
        await jest.advanceTimersByTimeAsync(1_500);
        expect(signal.reason).toMatchObject({ code: 'ERR_LEASE_LOST' });
        // Three renewals have failed.
        expect(told.map(({ message }) => message)).toEqual([
          'Renewing leases failed',
          'Lease lost',
        ]);
        runs.all[0]?.end();
      } finally {
        jest.useRealTimers();
      }
    });
  });

  it('is recorded as done though the store was down when it ended', async () => {
    const runs = new Runs();
    const backend = memoryBackend();
    let failures = 2;
    const flaky: JobBackend = {
      ...backend,
      settle: async (lease, outcome) =>
        (failures -= 1) >= 0 ? failing() : backend.settle(lease, outcome),
    };
    const { jobs } = await open(runs, { backend: flaky });
    await jobs.enqueue(runs.job, {});
    await until(() => runs.all.length === 1);
    runs.all[0]?.end();
    await jobs.idle();
    expect(await jobs.depth()).toEqual({ held: { ready: 0, active: 0, failed: 0 } });
    expect(told.map(({ message }) => message)).toEqual(['Recording the end of a job failed']);
  });

  it('is claimed once the store is there again', async () => {
    const runs = new Runs();
    const backend = memoryBackend();
    let failures = 3;
    const flaky: JobBackend = {
      ...backend,
      claim: async (...args) => ((failures -= 1) >= 0 ? failing() : backend.claim(...args)),
    };
    const { jobs } = await open(runs, { backend: flaky });
    await jobs.enqueue(runs.job, {});
    await until(() => runs.all.length === 1);
    expect(told.map(({ message }) => message)).toEqual(['Claiming jobs failed']);
  });
});

describe('openJobs()', () => {
  const job = defineJob('job', () => {});

  it.each<[Partial<Record<keyof OpenJobsOptions, unknown>>, RegExp]>([
    [{ jobs: [job] }, /`store` to be a directory or a postgres: or redis: URL, got undefined/],
    [{ jobs: [job], store: '' }, /`store` to be/],
    [{ jobs: [job], store: 'x', backend: memoryBackend() }, /not both/],
    [{ jobs: [job], backend: {} }, /`backend` to be/],
    [{ jobs: [() => {}], backend: memoryBackend() }, /`jobs` to be/],
    [{ jobs: [job, defineJob('job', () => {})], backend: memoryBackend() }, /named 'job'/],
    [{ jobs: [job], backend: memoryBackend(), work: 1 }, /`work` to be a boolean/],
    [{ jobs: [job], backend: memoryBackend(), limit: 0 }, /`limit` to be/],
  ])('refuses %p', (options, message) => {
    expect(() => openJobs(options as unknown as OpenJobsOptions)).toThrow(message);
  });

  it('closes the backend that it could not open', async () => {
    const close = jest.fn(async () => {});
    const backend = { ...memoryBackend(), open: failing, close };
    await expect(openJobs({ jobs: [job], backend })).rejects.toThrow('The store is down');
    expect(close).toHaveBeenCalledTimes(1);
  });
});
