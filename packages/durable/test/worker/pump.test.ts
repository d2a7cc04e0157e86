import { memoryBackend } from '@outlive/durable';
import { settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { down, memoryWith, storeOpener } from '../support/open-store.ts';
import { Runs } from '../support/runs.ts';

const open = storeOpener();

describe('a stored job', () => {
  it('is claimed only when there is a free slot, also one that a plain job leaves', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, { limit: 2 });
    const plain = deferred<void>();
    jobs.spawnNow(() => plain.promise);
    for (let count = 0; count < 3; count += 1) await jobs.enqueue(runs.job, count);
    await runs.begun();
    await settled();
    expect([jobs.activeCount, jobs.pendingCount]).toEqual([2, 0]);
    expect((await jobs.depth())['held']).toEqual({ ready: 2, active: 1, failed: 0 });
    plain.resolve();
    await runs.begun(2);
    jobs.limit = 3;
    await runs.begun(3);
  });

  it('is not claimed while the scheduler is paused', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs, { limit: 1 });
    await jobs.enqueue(runs.job, 1);
    const first = await runs.begun();
    jobs.pause();
    await jobs.enqueue(runs.job, 2);
    first.end();
    await jobs.idle();
    expect((await jobs.depth())['held']?.ready).toBe(1);
    jobs.resume();
    await runs.begun(2);
  });

  it('that a claim brings after a pause is left to other processes', async () => {
    const runs = new Runs();
    const backend = memoryBackend();
    const { jobs } = await open(runs, { backend });
    await settled(); // the claim waits for a job
    jobs.pause();
    await jobs.enqueue(runs.job, {});
    await settled();
    expect((await jobs.depth())['held']).toEqual({ ready: 1, active: 0, failed: 0 });
    await open(runs, { backend });
    expect((await runs.begun()).context.attempt).toBe(1);
    jobs.resume();
  });

  it('is not claimed during a drain, and claimed again once that is over', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs);
    await jobs.enqueue(runs.job, 1);
    const first = await runs.begun();
    const drained = jobs.drain();
    await jobs.enqueue(runs.job, 2);
    first.end();
    await drained;
    await runs.begun(2);
  });

  it('is left in the store by a process that does not work', async () => {
    const runs = new Runs();
    const backend = memoryBackend();
    const { jobs } = await open(runs, { backend, work: false });
    await jobs.enqueue(runs.job, {});
    expect((await jobs.depth())['held']?.ready).toBe(1);
    await open(runs, { backend });
    await runs.begun();
  });

  it('is claimed once the store is there again, after one report', async () => {
    const runs = new Runs();
    let failures = 3;
    const backend = memoryWith((memory) => ({
      claim: async (...args) => ((failures -= 1) >= 0 ? down() : memory.claim(...args)),
    }));
    const { jobs, reported } = await open(runs, { backend });
    await jobs.enqueue(runs.job, {});
    await runs.begun();
    expect(reported.map(({ message }) => message)).toEqual(['Claiming jobs failed']);
  });

  it('that a claim brings during a close is handed back, its attempt unspent', async () => {
    const runs = new Runs();
    const answer = deferred<void>();
    const backend = memoryWith((memory) => ({
      claim: async (...args) => {
        const leases = await memory.claim(...args);
        if (leases.length > 0) await answer.promise;
        return leases;
      },
    }));
    const { jobs } = await open(runs, { backend });
    await jobs.enqueue(runs.job, {});
    while ((await jobs.depth())['held']?.active !== 1) await new Promise(setImmediate);
    const closing = jobs.close();
    answer.resolve();
    await closing;
    expect(runs.all).toEqual([]);
    const [lease] = await backend.claim(['held'], 1, new AbortController().signal);
    expect(lease?.attempt).toBe(1);
  });
});
