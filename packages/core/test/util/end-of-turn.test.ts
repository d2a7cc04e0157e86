import { Readable } from 'node:stream';
import type { Job } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { failWith } from '../support/functions.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

const boom = new Error('boom');

function chain(depth: number, schedule: (next: () => void) => void, then: () => void): void {
  if (depth === 0) then();
  else schedule(() => chain(depth - 1, schedule, then));
}

describe('the end of the turn in which a job fails', () => {
  // Each gets a callback that it has to call within the turn, however late in it.
  const inTime: [string, (then: () => void) => void][] = [
    ['the next statement', (then) => then()],
    ['a promise job', (then) => queueMicrotask(then)],
    ['a tick', (then) => process.nextTick(then)],
    ['a chain of 1,000 promise jobs', (then) => chain(1_000, queueMicrotask, then)],
    ['a chain of 1,000 ticks', (then) => chain(1_000, process.nextTick, then)],
    [
      'a chain of 1,000 awaits',
      async (then) => {
        for (let i = 0; i < 1_000; i++) await Promise.resolve();
        then();
      },
    ],
    [
      'ticks and promise jobs by turns, 200 of them',
      (then) =>
        chain(100, (next: () => void) => process.nextTick(() => queueMicrotask(next)), then),
    ],
    [
      'the end of a stream that was in memory',
      async (then) => {
        for await (const chunk of Readable.from(Array.from({ length: 50 }, String))) void chunk;
        then();
      },
    ],
  ];

  it.each(inTime)('comes after %s: a wait() there owns the failure', async (_, arrange) => {
    const { scheduler, told } = listeningScheduler();
    await nextTurn();
    const job = scheduler.spawnNow(failWith(boom));
    let turnIsOver = false;
    setImmediate(() => (turnIsOver = true));
    const got = await new Promise<unknown>((resolve) => {
      arrange(() => {
        expect(turnIsOver).toBe(false);
        job.wait().catch(resolve);
      });
    });
    expect(got).toBe(boom);
    await settled();
    expect(told).toEqual([]);
  });

  it.each(inTime)(
    'comes after %s, also for a job that failed asynchronously',
    async (_, arrange) => {
      const { scheduler, told } = listeningScheduler();
      const work = deferred();
      const job = scheduler.spawnNow(() => work.promise);
      await nextTurn();
      work.reject(boom);
      const got = await new Promise<unknown>((resolve) => {
        arrange(() => {
          job.wait().catch(resolve);
        });
      });
      expect(got).toBe(boom);
      await settled();
      expect(told).toEqual([]);
    },
  );

  it('comes before a later setImmediate, also one that was set before the failure', async () => {
    const { scheduler, told } = listeningScheduler();
    let job: Job | undefined = undefined as Job | undefined;
    const late = new Promise<unknown>((resolve) => {
      setImmediate(() => {
        job?.wait().catch(resolve);
      });
    });
    job = scheduler.spawnNow(failWith(boom));
    expect(await late).toBe(boom);
    await settled();
    expect(told.map((each) => each.exception)).toEqual([boom]);
  });

  it('has the handler called before the second setImmediate', async () => {
    const { scheduler, told } = listeningScheduler();
    const work = deferred();
    scheduler.spawnNow(() => work.promise);
    await nextTurn();
    work.reject(boom);
    const count = await new Promise((resolve) => {
      setImmediate(() => setImmediate(() => resolve(told.length)));
    });
    expect(count).toBe(1);
  });

  it('has each failure told in the order in which they came', async () => {
    const { scheduler, told } = listeningScheduler();
    const errors = Array.from({ length: 100 }, (_, i) => new Error(String(i)));
    for (const error of errors) scheduler.spawnNow(failWith(error));
    await settled();
    expect(told.map((each) => each.exception)).toEqual(errors);
  });
});
