import { observe, type OutliveEvents } from '@outlive/core';
import { defineJob, type DurableJobs, memoryBackend, openJobs } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';

type Handler = (payload: unknown, context: { readonly signal: AbortSignal }) => unknown;

const channels = [
  'outlive:durable:enqueue',
  'outlive:durable:claim',
  'outlive:durable:settle',
  'outlive:durable:handback',
  'outlive:job:spawn',
  'outlive:job:settle',
] as const;

const untilCancelled: Handler = async (_, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

interface Published {
  readonly channel: string;
  readonly event: Partial<OutliveEvents['outlive:durable:settle']> & { readonly kind?: string };
}

describe('events of stored jobs', () => {
  let published: Published[];
  let stops: (() => void)[];
  let jobs: DurableJobs;

  beforeEach(() => {
    published = [];
    stops = channels.map((channel) =>
      observe(channel, (event) => void published.push({ channel, event: event as never })),
    );
  });

  afterEach(async () => {
    for (const stop of stops) stop();
    await jobs.close();
  });

  async function opened(handler: Handler, retries = 0): Promise<() => Promise<string | null>> {
    const job = defineJob('greet', handler, { retries, backoff: 1 });
    jobs = await openJobs({ jobs: [job], backend: memoryBackend(), exceptionHandler: () => {} });
    return async () => jobs.enqueue(job, {}, { key: 'one' });
  }

  const of = (channel: string): Published['event'][] =>
    published.filter((each) => each.channel === channel).map(({ event }) => event);

  it('follow a job from its enqueue() to its end, with its id, name and attempt', async () => {
    const store = await opened(() => 42);
    const id = await store();
    await jobs.wait(String(id));
    await until(() => of('outlive:durable:settle').length === 1);
    const stored = { id, name: 'greet', attempt: 1, headers: {} };
    expect(of('outlive:durable:enqueue')).toEqual([
      { scheduler: jobs, stored: { id, name: 'greet' }, inTransaction: false },
    ]);
    expect(of('outlive:durable:claim')).toEqual([{ scheduler: jobs, stored, job: undefined }]);
    const [settled] = of('outlive:durable:settle');
    expect(settled).toMatchObject({ stored, outcome: 'completed', final: true });
    expect(settled?.scheduler).toBe(jobs);
    expect(settled?.error).toBeUndefined();
    expect(settled?.job?.name).toBe('greet');
    expect(settled?.run).toBeGreaterThanOrEqual(0);
  });

  it('say of the scheduler’s jobs that they come from a store, and which they are', async () => {
    const store = await opened(() => 42);
    const id = await store();
    await until(() => of('outlive:job:settle').length === 1);
    const expected = { kind: 'durable', stored: { id, name: 'greet', attempt: 1 } };
    expect(of('outlive:job:spawn')).toMatchObject([expected]);
    expect(of('outlive:job:settle')).toMatchObject([expected]);
  });

  it('are one for each run, of which the last is final', async () => {
    const error = new Error('no');
    const store = await opened(() => {
      throw error;
    }, 1);
    await store();
    await until(() => of('outlive:durable:settle').length === 2);
    expect(of('outlive:durable:settle')).toMatchObject([
      { outcome: 'failed', error, final: false, stored: { attempt: 1 } },
      { outcome: 'failed', error, final: true, stored: { attempt: 2 } },
    ]);
  });

  it('say that a job was cancelled by its id', async () => {
    const store = await opened(untilCancelled);
    const id = await store();
    await until(() => of('outlive:job:spawn').length === 1);
    expect(await jobs.cancel(String(id))).toBe(true);
    await until(() => of('outlive:durable:settle').length === 1);
    expect(of('outlive:durable:settle')).toMatchObject([{ outcome: 'cancelled', final: true }]);
  });

  it('say that a close has handed a job back', async () => {
    const store = await opened(untilCancelled);
    const id = await store();
    await until(() => of('outlive:job:spawn').length === 1);
    await jobs.close();
    expect(of('outlive:durable:handback')).toMatchObject([{ stored: { id, attempt: 1 } }]);
    expect(of('outlive:durable:settle')).toEqual([]);
  });

  it('leave out what was not stored', async () => {
    const store = await opened(async () => new Promise(() => {}));
    await store();
    expect(await store()).toBeNull();
    expect(of('outlive:durable:enqueue')).toHaveLength(1);
  });

  it('carry what a subscriber has added before the job was stored, text alone', async () => {
    stops.push(
      observe('outlive:durable:store', ({ name, headers }) => {
        Object.assign(headers, { traceparent: `for ${name}`, number: 1 });
      }),
    );
    const store = await opened(() => 42);
    await store();
    await until(() => of('outlive:durable:settle').length === 1);
    const stored = { headers: { traceparent: 'for greet' } };
    expect(of('outlive:durable:claim')).toMatchObject([{ stored }]);
    expect(of('outlive:job:spawn')).toMatchObject([{ stored }]);
  });

  it('are one for each of many that were stored at once', async () => {
    const job = defineJob('greet', () => undefined);
    jobs = await openJobs({ jobs: [job], backend: memoryBackend(), work: false });
    const ids = await jobs.enqueueMany(job, [{}, {}]);
    expect(of('outlive:durable:enqueue').map(({ stored }) => stored?.id)).toEqual(ids);
  });

  it('tell of the jobs that a schedule stores, too', async () => {
    const backend = memoryBackend();
    const job = defineJob('nightly', () => {}, { schedule: '0 3 * * *', timezone: 'UTC' });
    jobs = await openJobs({ jobs: [job], backend });
    backend.advance(86_400_000);
    await jobs.runPending();
    const claimed = of('outlive:durable:claim')[0] as { stored: { id: string } };
    expect(of('outlive:durable:enqueue')).toEqual([
      {
        scheduler: jobs,
        stored: { id: claimed.stored.id, name: 'nightly' },
        inTransaction: false,
      },
    ]);
  });
});
