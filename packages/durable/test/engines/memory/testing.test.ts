import { defineJob, memoryBackend, openJobs, type OpenJobsOptions } from '@outlive/durable';

const ran: unknown[] = [];
let failures = 0;
const order = defineJob(
  'order',
  ({ n }: { n: number }) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('not yet');
    }
    ran.push(n);
  },
  { retries: 3, backoff: 60_000 },
);

async function open(options: Partial<OpenJobsOptions> = {}): Promise<{
  jobs: Awaited<ReturnType<typeof openJobs>>;
  backend: ReturnType<typeof memoryBackend>;
}> {
  const backend = memoryBackend();
  const jobs = await openJobs({ jobs: [order], backend, exceptionHandler() {}, ...options });
  return { jobs, backend };
}

describe('memoryBackend() in the tests of an application', () => {
  beforeEach(() => {
    ran.length = 0;
    failures = 0;
  });

  it('shows what was stored, with its type, and runs it', async () => {
    const { jobs, backend } = await open({ limit: 1 });
    await Promise.all([1, 2, 3].map(async (n) => jobs.enqueue(order, { n })));
    await jobs.runPending();
    expect(ran).toEqual([1, 2, 3]);
    expect(backend.enqueued(order)).toEqual([]);
    await jobs.close();
  });

  it('gives a job that begins anew its old place among those that wait', async () => {
    const { jobs } = await open({ limit: 1, work: false });
    const ids = [];
    for (const n of [1, 2, 3]) ids.push(String(await jobs.enqueue(order, { n })));
    await jobs.cancel(ids[1] ?? '');
    expect(jobs.enqueued(order)).toEqual([{ n: 1 }, { n: 3 }]);
    expect(await jobs.retry(ids[1] ?? '')).toBe(true);
    expect(jobs.enqueued(order)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await jobs.close();
  });

  it('shows what was stored where nobody runs it, and says so', async () => {
    const { jobs, backend } = await open({ work: false });
    await jobs.enqueue(order, { n: 1 });
    const payloads: { n: number }[] = jobs.enqueued(order);
    expect(payloads).toEqual([{ n: 1 }]);
    // Twice at once: neither call takes the other for a change.
    const both = [backend.runPending(), backend.runPending()];
    for (const call of both) await expect(call).rejects.toThrow('Nobody runs the jobs');
    await jobs.close();
  });

  it('says under fake timers too that nobody runs the jobs', async () => {
    jest.useFakeTimers();
    try {
      const { jobs } = await open({ work: false });
      await jobs.enqueue(order, { n: 1 });
      await expect(jobs.runPending()).rejects.toThrow('Nobody runs the jobs');
      await jobs.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('leaves what a rate holds back to its time', async () => {
    const starts: number[] = [];
    const slow = defineJob('slow', ({ n }: { n: number }) => void starts.push(n), {
      rate: { starts: 1, per: 3_600_000 },
    });
    const { jobs, backend } = await open({ jobs: [slow] });
    await jobs.enqueueMany(slow, [{ n: 1 }, { n: 2 }]);
    await jobs.runPending();
    expect([starts, jobs.enqueued(slow)]).toEqual([[1], [{ n: 2 }]]);
    backend.advance(3_600_000);
    await jobs.runPending();
    expect(starts).toEqual([1, 2]);
    await jobs.close();
  });

  it('refuses to look for a job that is none of its own', async () => {
    const { jobs } = await open();
    const other = defineJob('other', () => {});
    for (const job of [other, 'order', undefined]) {
      expect(() => jobs.enqueued(job as typeof other)).toThrow(/`job` to be one of the jobs/);
    }
    await jobs.close();
  });

  it('has a clock that is wound forward: a delay', async () => {
    const { jobs, backend } = await open();
    await jobs.enqueue(order, { n: 1 }, { delay: 3_600_000 });
    await backend.runPending();
    expect([ran, backend.enqueued(order)]).toEqual([[], [{ n: 1 }]]);
    backend.advance(3_600_000);
    await backend.runPending();
    expect([ran, backend.enqueued(order)]).toEqual([[1], []]);
    await jobs.close();
  });

  it('leaves retries to their time, or runs them as asked', async () => {
    const { jobs, backend } = await open();
    failures = 2;
    await jobs.enqueue(order, { n: 1 });
    await backend.runPending();
    expect([failures, backend.enqueued(order).length]).toEqual([1, 1]);
    await backend.runPending({ retries: true });
    expect([failures, ran]).toEqual([0, [1]]);
    await jobs.close();
  });

  it('works with fake timers', async () => {
    jest.useFakeTimers();
    try {
      const { jobs, backend } = await open();
      await jobs.enqueue(order, { n: 1 }, { delay: 5_000 });
      await jest.advanceTimersByTimeAsync(4_900);
      expect(ran).toEqual([]);
      await jest.advanceTimersByTimeAsync(200);
      expect(ran).toEqual([1]);
      await jobs.enqueue(order, { n: 2 });
      await backend.runPending();
      expect(ran).toEqual([1, 2]);
      const closed = jobs.close();
      await jest.advanceTimersByTimeAsync(1_000);
      await closed;
    } finally {
      jest.useRealTimers();
    }
  });

  it('refuses a misspelt option, and a time that is none', async () => {
    const { jobs, backend } = await open();
    await expect(backend.runPending({ retry: true } as never)).rejects.toThrow('retries');
    for (const time of [-1, Infinity]) expect(() => backend.advance(time)).toThrow(RangeError);
    await jobs.close();
  });
});
