/* oxlint-disable jest/no-standalone-expect -- it does not know the `it` of testsAtOnce() */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
import { backendOf } from '../support/backend-of.ts';
import type { Runs } from '../support/runs.ts';
import { describeStores } from '../support/stores.ts';
import { nothing, testsAtOnce } from '../support/tests-at-once.ts';

// What stores a job and what runs it may be of different versions: a deploy replaces one process after another.

/** A job of one version, stored and then run by another one for so long that its lease has to be renewed. */
async function runsOf(
  backendFor: () => Parameters<typeof openJobs>[0]['backend'],
  stored: number,
  claimed: number,
): Promise<number[]> {
  const attempts: number[] = [];
  const old = defineJob('long', () => {}, { leaseTime: stored });
  const today = defineJob(
    'long',
    async (_: object, { attempt }) => {
      attempts.push(attempt);
      await sleep(24_000);
    },
    { leaseTime: claimed },
  );
  const options = { exceptionHandler: () => {}, limit: 1 };
  const producer = await openJobs({ ...options, jobs: [old], backend: backendFor(), work: false });
  await producer.enqueue(old, {});
  const workers = await Promise.all(
    [1, 2].map(async () => openJobs({ ...options, jobs: [today], backend: backendFor() })),
  );
  while ((await producer.depth())['long']?.ready !== 0) await sleep(50);
  while ((await producer.depth())['long']?.active !== 0) await sleep(50);
  await Promise.all([producer, ...workers].map(async (jobs) => jobs.waitAndClose()));
  return attempts;
}

const versions = [
  [10_000, 60_000],
  [60_000, 10_000],
] as const;

describeStores('a job whose leaseTime a deploy has changed', (start) => {
  const it = testsAtOnce(start);

  it('runs once, with the lease that it has', async ({ url }) => {
    const runs = versions.map(async ([stored, claimed]) =>
      runsOf(() => backendOf(url, `lease_${stored}`), stored, claimed),
    );
    expect(await Promise.all(runs)).toEqual([[1], [1]]);
  });
});

/** A job that fails whenever it runs. */
function failing(retries: number, attempts: number[] = []): Runs['job'] {
  const run = (_: object, { attempt }: { attempt: number }): never => {
    attempts.push(attempt);
    throw new Error('It fails on purpose');
  };
  return defineJob('failing', run, { retries, backoff: 0 });
}

describeStores('a job whose retries a deploy has changed', (start) => {
  const it = testsAtOnce(start);

  it('keeps those that it was stored with, until it is retried by hand: then it has those of today', async ({
    url,
  }) => {
    const options = { exceptionHandler: () => {} };
    const attempts: number[] = [];
    const [old, today] = [failing(1), failing(2, attempts)];
    const backend = (): ReturnType<typeof backendOf> => backendOf(url, 'retries');
    const producer = await openJobs({ ...options, jobs: [old], backend: backend(), work: false });
    const ids = (await producer.enqueueMany(old, [{}, {}])).map(String);
    await producer.close();
    const jobs = await openJobs({ ...options, jobs: [today], backend: backend(), limit: 1 });
    const ended = async (): Promise<unknown> =>
      Promise.all(ids.map(async (id) => jobs.wait(id).catch(() => undefined)));
    await ended();
    expect(attempts.splice(0).toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2]);
    // An operator does not know the definition.
    const desk = await openJobs({ ...options, jobs: [], backend: backend(), work: false });
    expect(await desk.retry(String(ids[0]))).toBe(true);
    expect(await desk.retryAll({ name: 'failing' })).toBeGreaterThan(0);
    await ended();
    for (const id of ids) expect(await desk.get(id)).toMatchObject({ state: 'failed', attempt: 3 });
    await Promise.all([desk.close(), jobs.close()]);
  });
});

describe('a job in memory whose leaseTime another scheduler has changed', () => {
  const it = testsAtOnce(nothing);

  it('runs once, with the lease that it has', async () => {
    const runs = versions.map(async ([stored, claimed]) => {
      const backend = memoryBackend();
      return runsOf(() => backend, stored, claimed);
    });
    expect(await Promise.all(runs)).toEqual([[1], [1]]);
  });
});
