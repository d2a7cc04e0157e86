import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { defineJob, openJobs, pgliteBackend } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { toJson } from '../../../src/payload/to-json.ts';
import { expectNothingStored } from '../../support/broken-transaction.ts';
import { conforms } from '../../support/conforms.ts';
import { keepAll } from '../../support/keep-all.ts';
import { describePgBoss } from '../../support/engines.ts';

describePgBoss('pgliteBackend()', () => {
  conforms(2, () => pgliteBackend());

  it('names a database that is damaged, and says what to do', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'outlive-damaged-'));
    await (await openJobs({ jobs: [], store: directory })).close();
    await writeFile(join(directory, 'pglite/global/pg_control'), 'x');
    await expect(openJobs({ jobs: [], store: directory })).rejects.toThrow(
      `The database in ${directory}/pglite cannot be opened, its files may be damaged: move it away, or restore a backup`,
    );
    await rm(directory, { recursive: true });
  }, 120_000);

  it('takes every payload that is accepted without a store, and gives it back equal', async () => {
    const backend = pgliteBackend();
    const spec = { name: 'any', retries: 0, backoff: 0, leaseTime: 10_000, keep: keepAll };
    await backend.open([spec], { work: true, onError: () => {} });
    const text = fc.string({ unit: 'binary' }); // any code point, NUL and what JSON escapes included
    const payload = fc.object({ key: text, values: [text, fc.double(), fc.boolean(), fc.date()] });
    await fc.assert(
      fc.asyncProperty(payload, async (given) => {
        let stored: unknown;
        try {
          stored = toJson('any', given);
        } catch {
          return;
        }
        await backend.enqueue({ name: 'any', payload: stored });
        const [lease] = await backend.claim(['any'], 1, new AbortController().signal);
        if (lease === undefined) throw new Error('it was not stored');
        expect(lease.payload).toEqual(stored);
        await backend.settle(lease, { kind: 'done' });
      }),
      { numRuns: 200 },
    );
    await backend.close();
  }, 120_000);

  it('rejects where a failed statement, that nobody looked at, has broken the transaction: its job is gone', async () => {
    const order = defineJob('broken', () => {});
    await using jobs = await openJobs({ jobs: [order], backend: pgliteBackend(), work: false });
    await expectNothingStored(jobs, order);
    const id = await jobs.transaction(async (tx) => jobs.enqueue(order, {}, { tx }));
    expect((await jobs.get(String(id)))?.state).toBe('waiting');
  }, 120_000);

  it('runs a job only when its transaction has committed; a look at the store waits for that', async () => {
    const ran: number[] = [];
    const order = defineJob('order', ({ n }: { n: number }) => void ran.push(n));
    await using jobs = await openJobs({ jobs: [order], backend: pgliteBackend() });
    const looked: unknown[] = [];
    const looking = await jobs.transaction(async (tx) => {
      await jobs.enqueue(order, { n: 1 }, { tx });
      const depth = jobs.depth().then((seen) => looked.push(seen));
      await sleep(3_000); // longer than between two polls
      expect([ran, looked]).toEqual([[], []]);
      return [depth];
    });
    await Promise.all(looking);
    expect(looked).toHaveLength(1);
    await until(() => ran.length > 0);
    expect(ran).toEqual([1]);
  }, 120_000);
});
