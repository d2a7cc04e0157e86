import type { JobBackend } from '@outlive/durable';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { memoryWith, storeOpener } from '../support/open-store.ts';
import { Runs } from '../support/runs.ts';

const open = storeOpener();
const never = new AbortController().signal;

/** A store whose end of a job brings the next one of its name along. */
function chaining(asked: string[], answer: Promise<void> = Promise.resolve()): JobBackend {
  return memoryWith((memory) => ({
    async settleAndClaim(lease, outcome) {
      asked.push(lease.id);
      const wasGood = await memory.settle(lease, outcome);
      const isReady = (await memory.lookup.depth())[lease.name]?.ready !== 0;
      const [next] = isReady ? await memory.claim([lease.name], 1, never) : [];
      await answer;
      return { wasGood, next };
    },
  }));
}

describe('a job that the end of another one brings along', () => {
  it('runs in the slot of that one', async () => {
    const runs = new Runs();
    const asked: string[] = [];
    const { jobs } = await open(runs, { backend: chaining(asked), limit: 1 });
    const ids = await jobs.enqueueMany(runs.job, [1, 2, 3]);
    for (const count of [1, 2, 3]) {
      (await runs.begun(count)).end();
      expect(jobs.activeCount).toBeLessThanOrEqual(1);
    }
    await jobs.wait(String(ids[2]));
    expect(asked).toEqual(ids);
    expect(runs.all.map(({ payload }) => payload)).toEqual([1, 2, 3]);
  });

  it('is not asked for while a plain job waits for the slot, while the scheduler is paused, or drains', async () => {
    const runs = new Runs();
    const asked: string[] = [];
    const { jobs } = await open(runs, { backend: chaining(asked), limit: 1 });
    const plain = deferred<void>();
    await jobs.enqueueMany(runs.job, [1, 2, 3, 4]);
    await runs.begun(1);
    const waiting = jobs.spawnNow(() => plain.promise);
    runs.all[0]?.end();
    await until(() => waiting.active);
    plain.resolve();
    await runs.begun(2);
    jobs.pause();
    runs.all[1]?.end();
    await jobs.idle();
    jobs.resume();
    await runs.begun(3);
    const drained = jobs.drain();
    runs.all[2]?.end();
    await drained;
    expect(asked).toEqual([]);
  });

  it('keeps to the limit of its definition, with other slots free', async () => {
    const runs = new Runs('held', { limit: 1 });
    const asked: string[] = [];
    const { jobs } = await open(runs, { backend: chaining(asked), limit: 10 });
    const ids = await jobs.enqueueMany(runs.job, [1, 2]);
    (await runs.begun(1)).end();
    (await runs.begun(2)).end();
    await jobs.wait(String(ids[1]));
    expect(asked).toEqual(ids);
  });

  it('is handed back, its attempt unspent, where a drain has begun meanwhile', async () => {
    const runs = new Runs();
    const answer = deferred<void>();
    const { jobs } = await open(runs, { backend: chaining([], answer.promise), limit: 1 });
    await jobs.enqueueMany(runs.job, [1, 2]);
    (await runs.begun(1)).end();
    while ((await jobs.depth())['held']?.active !== 1) await settled();
    const drained = jobs.drain();
    answer.resolve();
    await drained;
    expect((await runs.begun(2)).context.attempt).toBe(1);
  });

  it('is handed back, its attempt unspent, where a close has begun meanwhile', async () => {
    const runs = new Runs();
    const answer = deferred<void>();
    const backend = chaining([], answer.promise);
    const { jobs } = await open(runs, { backend, limit: 1 });
    await jobs.enqueueMany(runs.job, [1, 2]);
    (await runs.begun(1)).end();
    while ((await jobs.depth())['held']?.ready !== 0) await settled();
    const closing = jobs.close();
    answer.resolve();
    await closing;
    expect(runs.all).toHaveLength(1);
    const [lease] = await backend.claim(['held'], 1, never);
    expect(lease?.attempt).toBe(1);
  });
});
