import { deferred } from '@outlive/test-support/deferred';
import { settled } from '@outlive/test-support/conditions';
import type { NewJob } from '../../../src/backend.ts';
import { enqueueBatch } from '../../../src/engines/pg-boss/enqueue-batch.ts';

const job = (payload: unknown, name = 'job'): NewJob => ({ name, payload });

function batchOf(store: Parameters<typeof enqueueBatch>[0]) {
  const batch = enqueueBatch(store);
  return { add: async (added: NewJob) => batch.add(added.name, added) };
}

/** A store whose statements end when the test says so. */
class Statements {
  readonly all: { readonly payloads: unknown[]; readonly end: (error?: unknown) => void }[] = [];

  readonly store = async (jobs: readonly NewJob[]): Promise<(string | null)[]> => {
    const answer = deferred<void>();
    this.all.push({
      payloads: jobs.map(({ payload }) => payload),
      end: (error) => (error === undefined ? answer.resolve() : answer.reject(error)),
    });
    await answer.promise;
    return jobs.map(({ payload }) => `id of ${String(payload)}`);
  };

  get payloads(): unknown[][] {
    return this.all.map(({ payloads }) => payloads);
  }
}

describe('jobs that are stored one by one, and many at the same time', () => {
  it('are stored with one statement for each name, and each gets its own id', async () => {
    const statements = new Statements();
    const batch = batchOf(statements.store);
    const ids = Promise.all([batch.add(job(1)), batch.add(job(2, 'other')), batch.add(job(3))]);
    await settled();
    expect(statements.payloads).toEqual([[1, 3], [2]]);
    for (const { end } of statements.all) end();
    expect(await ids).toEqual(['id of 1', 'id of 2', 'id of 3']);
  });

  it('wait for one another while two statements are under way', async () => {
    const statements = new Statements();
    const batch = batchOf(statements.store);
    const ids: Promise<string | null>[] = [];
    for (const payload of [1, 2, 3, 4]) {
      ids.push(batch.add(job(payload)));
      await settled();
    }
    expect(statements.payloads).toEqual([[1], [2]]);
    statements.all[0]?.end();
    await settled();
    expect(statements.payloads).toEqual([[1], [2], [3, 4]]);
    for (const { end } of statements.all) end();
    expect(await Promise.all(ids)).toEqual(['id of 1', 'id of 2', 'id of 3', 'id of 4']);
  });

  it('do not pay for one that the database refuses', async () => {
    const refusal = Object.assign(new Error('stack depth limit exceeded'), { severity: 'ERROR' });
    const batch = batchOf(async (jobs) => {
      if (jobs.some(({ payload }) => payload === 'deep')) throw refusal;
      return jobs.map(({ payload }) => String(payload));
    });
    const stored = await Promise.allSettled(
      ['one', 'deep', 'two'].map((each) => batch.add(job(each))),
    );
    expect(stored).toEqual([
      { status: 'fulfilled', value: 'one' },
      { status: 'rejected', reason: refusal },
      { status: 'fulfilled', value: 'two' },
    ]);
  });

  it('are all rejected where nobody knows whether they are stored, and later ones are stored again', async () => {
    let isDown = true;
    const lost = new Error('Connection terminated');
    const batch = batchOf(async (jobs) => {
      if (isDown) throw lost;
      return jobs.map(() => 'id');
    });
    const stored = await Promise.allSettled([batch.add(job(1)), batch.add(job(2))]);
    expect(stored.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isDown = false;
    expect(await batch.add(job(3))).toBe('id');
  });

  it('are stored under the fake timers of a test, which stand still', async () => {
    jest.useFakeTimers();
    try {
      const batch = batchOf(async (jobs) => jobs.map(({ payload }) => String(payload)));
      expect(await batch.add(job(1))).toBe('1');
    } finally {
      jest.useRealTimers();
    }
  });
});
