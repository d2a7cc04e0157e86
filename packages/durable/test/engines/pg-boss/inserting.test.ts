import { type DurableJobs, pgliteBackend, postgresBackend } from '@outlive/durable';
import { PostgresServer } from '@outlive/test-support/postgres-server';
import { inserting } from '../../../src/engines/pg-boss/inserting.ts';
import type { PgBoss } from '../../../src/engines/pg-boss/types.ts';
import { describePgBoss } from '../../support/engines.ts';
import { storeOpener } from '../../support/open-store.ts';
import { Runs } from '../../support/runs.ts';

/** The key and the policy of these jobs in the table of pg-boss, in this order. */
async function columnsOf(
  { native }: DurableJobs,
  ids: readonly (string | null)[],
): Promise<unknown[]> {
  const { boss } = native as { readonly boss: PgBoss };
  const { rows } = await boss.getDb().executeSql(
    `select singleton_key, policy from outlive.job, unnest($1::uuid[]) with ordinality as given(one, place)
     where id = one order by place`,
    [ids],
  );
  return rows.map((row) => [row.singleton_key, row.policy]);
}

const withoutKey = [null, null];

describePgBoss('a job', () => {
  const open = storeOpener();
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 120_000);

  afterAll(async () => server.stop(), 120_000);

  it.each([
    ['PostgreSQL', () => postgresBackend({ connectionString: server.url })],
    ['PGlite', () => pgliteBackend()],
  ])(
    'is in the indexes by which a key is unique while it has a key, and only then: %s',
    async (_store, backendOf) => {
      const runs = new Runs('held', { retries: 0 });
      const { jobs } = await open(runs, { backend: backendOf() });
      const keyed = { key: 'ada', delay: 60_000 };
      const ids = [
        await jobs.enqueue(runs.job, 1),
        ...(await Promise.all([jobs.enqueue(runs.job, 2), jobs.enqueue(runs.job, 3)])),
        ...(await jobs.enqueueMany(runs.job, [4, 5])),
        await jobs.transaction(async (tx) => jobs.enqueue(runs.job, 6, { tx })),
        await jobs.enqueue(runs.job, 7, { key: 'once', window: 60_000 }),
        ...(await jobs.enqueueMany(runs.job, [{ payload: 8, options: keyed }])),
      ];
      expect(await columnsOf(jobs, ids)).toEqual([
        ...Array.from({ length: 7 }, () => withoutKey),
        ['ada', 'exclusive'],
      ]);
    },
    60_000,
  );

  it('without a key is retried along with the others that failed, however many those are', async () => {
    const runs = new Runs('failed', { retries: 0 });
    const { jobs } = await open(runs, {
      backend: postgresBackend({ connectionString: server.url }),
    });
    const ids = await jobs.enqueueMany(runs.job, [1, 2, 3]);
    for (const count of [1, 2, 3]) (await runs.begun(count)).end(new Error('no'));
    await Promise.all(ids.map(async (id) => jobs.wait(String(id)).catch(() => {})));
    expect(await jobs.retryAll({ name: 'failed' })).toBe(3);
    for (const count of [4, 5, 6]) (await runs.begun(count)).end();
    await jobs.idle();
  });

  it('whose key is given to another while it runs has none any more', async () => {
    const runs = new Runs('replaced');
    const { jobs } = await open(runs, {
      backend: postgresBackend({ connectionString: server.url }),
    });
    const replacing = { key: 'ada', replace: true };
    const ids = [await jobs.enqueue(runs.job, 1, replacing)];
    const { end } = await runs.begun();
    ids.push(await jobs.enqueue(runs.job, 2, { ...replacing, delay: 60_000 }));
    expect(await columnsOf(jobs, ids)).toEqual([withoutKey, ['ada', 'exclusive']]);
    end();
  });

  it('is not stored by a pg-boss that stores jobs in another way', async () => {
    const { db } = inserting({} as PgBoss, undefined);
    await expect(db.executeSql('insert into job select $1::text::json', ['[]'])).rejects.toThrow(
      'This version of pg-boss is not supported',
    );
  });
});
