import { type DurableJobs, defineJob, openJobs } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { PostgresServer } from '@outlive/test-support/postgres-server';
import { describePgBoss } from '../../support/engines.ts';

/** What the buttons of a dashboard call. */
interface Boss {
  retry(name: string, id: string): Promise<unknown>;
  resume(name: string, id: string): Promise<unknown>;
  fail(name: string, id: string, output: unknown): Promise<unknown>;
}

describePgBoss('a job that somebody changes by pg-boss itself', () => {
  let server: PostgresServer;
  let jobs: DurableJobs;
  const runs: { n: number; attempt: number }[] = [];
  const job = defineJob(
    'job',
    async ({ n, hangs }: { n: number; hangs?: boolean }, { attempt, signal }) => {
      runs.push({ n, attempt });
      if (hangs === true) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        signal.throwIfAborted();
      }
      throw new Error('No paper');
    },
    { retries: 0 },
  );

  beforeAll(async () => {
    server = await PostgresServer.start();
    jobs = await openJobs({ jobs: [job], store: server.url, exceptionHandler() {} });
  }, 120_000);

  afterAll(async () => {
    await jobs.close();
    await server.stop();
  });

  beforeEach(() => void runs.splice(0));

  const boss = (): Boss => (jobs.native as { boss: Boss }).boss;
  const store = async (payload: { n: number; hangs?: boolean }, delay = 0): Promise<string> =>
    String(await jobs.enqueue(job, payload, { delay }));

  it('runs again when it is retried, as often as that is, and says so', async () => {
    const id = await store({ n: 1 });
    for (const attempt of [1, 2, 3]) {
      await expect(jobs.wait(id)).rejects.toThrow('No paper');
      expect(await jobs.get(id)).toMatchObject({ state: 'failed', attempt });
      if (attempt < 3) await boss().retry('job', id);
      if (attempt < 3) await until(() => runs.length > attempt);
    }
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it('runs again when it is resumed, also where it was cancelled while it ran', async () => {
    const id = await store({ n: 2, hangs: true });
    for (const count of [1, 2]) {
      await until(() => runs.length === count);
      expect(await jobs.cancel(id)).toBe(true);
      await expect(jobs.wait(id)).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED' });
      if (count === 1) await boss().resume('job', id);
    }
  });

  it.each([
    ['by hand', { name: 'Error', message: 'by hand' }],
    [7, { name: 'Error', message: '7' }],
    [
      { message: 'by hand', name: 'RangeError' },
      { name: 'RangeError', message: 'by hand' },
    ],
    [{ reason: 1 }, { name: 'Error', message: '{ reason: 1 }' }],
  ])('has failed with what was given: %p', async (given, error) => {
    const id = await store({ n: 3 }, 60_000);
    await boss().fail('job', id, given);
    expect(await jobs.get(id)).toMatchObject({ state: 'failed', error });
  });
});
