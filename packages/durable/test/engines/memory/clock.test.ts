import { defineJob, type DurableJobs, memoryBackend, openJobs } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { keepAll } from '../../support/keep-all.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe('advance() of jobs in memory', () => {
  let jobs: DurableJobs | undefined;

  afterEach(async () => {
    await jobs?.close();
    jobs = undefined;
  });

  async function open(
    job: ReturnType<typeof defineJob<object>>,
  ): Promise<{ backend: ReturnType<typeof memoryBackend>; jobs: DurableJobs }> {
    const backend = memoryBackend();
    jobs = await openJobs({ jobs: [job], backend, exceptionHandler: () => {} });
    return { backend, jobs };
  }

  it('brings a retry, by its backoff and by what the handler asks for', async () => {
    const runs: number[] = [];
    const job = defineJob<object>(
      'job',
      (_, { attempt, retryAt }) => {
        runs.push(attempt);
        if (attempt === 1) throw new Error('not yet');
        if (attempt === 2) retryAt(Date.now() + day);
      },
      { retries: 3, backoff: { delay: hour, jitter: false } },
    );
    const { backend, jobs: opened } = await open(job);
    await opened.enqueue(job, {});
    await opened.runPending();
    backend.advance(hour - 10 * minute);
    await opened.runPending();
    expect(runs).toEqual([1]);
    backend.advance(10 * minute);
    await opened.runPending();
    expect(runs).toEqual([1, 2]);
    backend.advance(day - minute);
    await opened.runPending();
    expect(runs).toEqual([1, 2]);
    backend.advance(minute);
    await opened.runPending();
    expect(runs).toEqual([1, 2, 3]);
  });

  it('ends windows', async () => {
    const job = defineJob<object>('job', () => {});
    const { backend, jobs: opened } = await open(job);
    const store = async (): Promise<string | null> =>
      opened.enqueue(job, {}, { key: 'one', window: hour });
    expect(await store()).not.toBeNull();
    await opened.runPending();
    backend.advance(hour - minute);
    expect(await store()).toBeNull();
    backend.advance(minute);
    expect(await store()).not.toBeNull();
  });

  it('ends the time that a job is kept', async () => {
    const job = defineJob<object>('job', () => {}, { keep: { completed: hour } });
    const { backend, jobs: opened } = await open(job);
    const id = String(await opened.enqueue(job, {}));
    await opened.runPending();
    backend.advance(hour - minute);
    expect((await opened.get(id))?.state).toBe('completed');
    backend.advance(minute);
    expect(await opened.get(id)).toBeUndefined();
  });

  it('lets a job start that a rate held back', async () => {
    let runs = 0;
    const job = defineJob<object>('job', () => void (runs += 1), {
      rate: { starts: 1, per: hour },
    });
    const { backend, jobs: opened } = await open(job);
    await opened.enqueueMany(job, [{}, {}]);
    await until(() => runs === 1);
    backend.advance(hour - minute);
    await new Promise((resolve) => {
      setTimeout(resolve, 150);
    });
    expect(runs).toBe(1);
    backend.advance(minute);
    await until(() => runs === 2);
  });

  it('stores the jobs of schedules, one for each time that is due, in their order', async () => {
    const ran: unknown[] = [];
    const job = defineJob<object>('job', (payload) => void ran.push(payload), {
      schedule: [
        { cron: '0 * * * *', payload: { every: 'hour' } },
        { cron: '30 */3 * * *', payload: { every: 'three' }, missed: 'none' },
      ],
      timezone: 'UTC',
    });
    const { backend, jobs: opened } = await open(job);
    await opened.runPending();
    expect(ran).toEqual([]);
    backend.advance(12 * hour);
    // At once: what a test looks at next.
    expect(opened.enqueued(job)).toHaveLength(16);
    await opened.runPending();
    expect(ran.filter((each) => (each as { every: string }).every === 'three')).toHaveLength(4);
    expect(ran).toHaveLength(16);
    backend.advance(day);
    await opened.runPending();
    expect(ran).toHaveLength(16 + 32);
    const between = ran.slice(16).map((each) => (each as { every: string }).every);
    expect(
      between
        .join(' ')
        .match(
          /hour hour hour three|hour hour three hour|hour three hour hour|three hour hour hour/g,
        ),
    ).toHaveLength(8);
  });

  it('stores the job of a schedule that is due soon after it, too', async () => {
    let runs = 0;
    const job = defineJob<object>('job', () => void (runs += 1), {
      schedule: '0 0 0 1 1 *',
      timezone: 'UTC',
    });
    const { backend, jobs: opened } = await open(job);
    const now = new Date();
    const newYear = Date.UTC(now.getUTCFullYear() + 1, 0, 1);
    backend.advance(newYear - Date.now() - 3_000);
    expect(opened.enqueued(job)).toEqual([]);
    await until(() => runs === 1);
  });

  it('ends the leases of processes that are gone, and of no job that runs here', async () => {
    const runs: number[] = [];
    let end: (() => void) | undefined;
    const ending = new Promise<void>((resolve) => {
      end = resolve;
    });
    const job = defineJob<object>(
      'job',
      async (_, { attempt, signal }) => {
        runs.push(attempt);
        await ending;
        expect(signal.aborted).toBe(false);
      },
      { leaseTime: 30_000 },
    );
    const { backend, jobs: opened } = await open(job);
    const id = String(await opened.enqueue(job, {}));
    await until(() => runs.length === 1);
    backend.advance(day);
    await new Promise((resolve) => {
      setTimeout(resolve, 150);
    });
    end?.();
    await opened.wait(id);
    expect(runs).toEqual([1]);

    const other = memoryBackend();
    const spec = { name: 'job', retries: 1, backoff: 0, leaseTime: 30_000, keep: keepAll };
    await other.open([spec], { work: true, onError: () => {} });
    await other.enqueue({ name: 'job', payload: {} });
    const never = new AbortController().signal;
    const [first] = await other.claim(['job'], 1, never);
    if (first === undefined) throw new Error('nothing was claimed');
    other.advance(29_000);
    expect(await other.renew([first])).toEqual([]);
    other.advance(30_000);
    expect(await other.renew([first])).toEqual([first]);
    expect(await other.claim(['job'], 1, never)).toMatchObject([{ attempt: 2 }]);
  });

  it('is the time of what is stored', async () => {
    const job = defineJob<object>('job', () => {});
    const { backend, jobs: opened } = await open(job);
    const delayed = String(await opened.enqueue(job, {}, { delay: day }));
    const before = await opened.get(delayed);
    expect(before?.state).toBe('delayed');
    expect((before?.runAt ?? 0) - (before?.createdAt ?? 0)).toBe(day);
    backend.advance(day);
    await opened.runPending();
    const after = await opened.get(delayed);
    expect(after?.state).toBe('completed');
    expect((after?.startedAt ?? 0) - (after?.createdAt ?? 0)).toBeGreaterThanOrEqual(day);
  });
});
