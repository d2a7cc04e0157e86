/* oxlint-disable jest/no-standalone-expect -- it does not know the `it` of testsAtOnce() */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { defineJob, type DurableJobs, openJobs, postgresBackend } from '@outlive/durable';
import { PostgresServer } from '@outlive/test-support/postgres-server';
import { expectNothingStored } from '../../support/broken-transaction.ts';
import { conforms } from '../../support/conforms.ts';
import { describePgBoss } from '../../support/engines.ts';
import { Proxy } from '../../support/proxy.ts';
import { allOver, nothing, testsAtOnce } from '../../support/tests-at-once.ts';

describePgBoss('postgresBackend()', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 120_000);

  afterAll(async () => {
    await allOver();
    await server.stop();
  }, 240_000);

  conforms(4, () => postgresBackend({ connectionString: server.url }));

  const it = testsAtOnce(nothing);

  it("stores a job in the caller's own transaction: unseen before the commit, gone with a rollback", async () => {
    const ran: string[] = [];
    const order = defineJob('order', ({ id }: { id: string }) => void ran.push(id));
    await using jobs = await openJobs({ jobs: [order], store: server.url });
    const client = new Client({ connectionString: server.url });
    await client.connect();
    const ready = async (): Promise<number | undefined> => (await jobs.depth())['order']?.ready;

    await client.query('begin');
    await jobs.enqueue(order, { id: 'lost' }, { tx: client });
    await client.query('rollback');
    await client.query('begin');
    await jobs.enqueue(order, { id: 'kept' }, { tx: client });
    expect(await ready()).toBe(0);
    expect(ran).toEqual([]);
    await client.query('commit');
    while (ran.length === 0) await new Promise(setImmediate);
    await client.end();
    await jobs.waitAndClose();
    expect(ran).toEqual(['kept']);
  });

  it('rejects where a failed statement, that nobody looked at, has broken the transaction: its job is gone', async () => {
    const order = defineJob('broken', () => {});
    await using jobs = await openJobs({ jobs: [order], store: server.url, work: false });
    await expectNothingStored(jobs, order);

    let late: Promise<unknown> = Promise.resolve();
    const unawaited = jobs.transaction(async (tx) => {
      await jobs.enqueue(order, {}, { tx });
      late = tx.query('select 2 / 0').catch(() => {});
    });
    await expect(unawaited).rejects.toMatchObject({ code: 'ERR_JOB_STORE' });
    await late;
    expect((await jobs.depth())['broken']).toEqual({ ready: 0, active: 0, failed: 0 });

    const mended = await jobs.transaction(async (tx) => {
      await tx.query('savepoint before');
      await tx.query('select 3 / 0').catch(() => {});
      await tx.query('rollback to savepoint before');
      return jobs.enqueue(order, {}, { tx });
    });
    expect((await jobs.get(String(mended)))?.state).toBe('waiting');
  });

  for (const level of ['serializable', 'repeatable read']) {
    it(`runs each job once where the transactions of a database are ${level} by default`, async () => {
      const schema = level.replace(' ', '_');
      const setting = `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`;
      const store = `${server.url}?options=${encodeURIComponent(setting)}`;
      const runs = new Map<number, number>();
      const reported: unknown[] = [];
      const job = defineJob(
        'strict',
        async ({ n }: { n: number }, { progress }) => {
          runs.set(n, (runs.get(n) ?? 0) + 1);
          await progress(n);
        },
        { perKey: 2, backoff: 0 },
      );
      const open = async (): Promise<DurableJobs> =>
        openJobs({
          jobs: [job],
          store,
          schema,
          exceptionHandler: ({ exception }) => void reported.push(exception),
        });
      await using first = await open();
      await using second = await open();
      const numbers = Array.from({ length: 60 }, (_, n) => n);
      const storing = numbers.map(async (n) =>
        (n % 2 === 0 ? first : second).enqueue(job, { n }, { group: `group ${n % 5}` }),
      );
      const ids = await Promise.all(storing);
      await Promise.all(ids.map(async (id) => first.wait(String(id))));
      expect([...runs.values()]).toEqual(numbers.map(() => 1));

      const one = { key: 'one', replace: true, delay: 600_000 };
      const replacing = numbers.map(async (n) =>
        (n % 2 === 0 ? first : second).enqueue(job, { n }, one),
      );
      expect(new Set(await Promise.all(replacing)).size).toBe(1);
      expect(reported).toEqual([]);

      const ofUser = await first.transaction(async (tx) => tx.query('show transaction_isolation'));
      expect(ofUser.rows).toEqual([{ transaction_isolation: level }]);
    });
  }

  it('rejects within the query timeout when a job cannot be stored', async () => {
    await using proxy = await Proxy.start(server.port);
    const job = defineJob('unreachable', () => {});
    await using jobs = await openJobs({
      jobs: [job],
      backend: postgresBackend({
        connectionString: server.url.replace(String(server.port), String(proxy.port)),
        queryTimeout: 5_000,
      }),
      work: false,
      exceptionHandler: () => {},
    });
    const refusal = async (): Promise<void> => {
      const before = performance.now();
      await expect(jobs.enqueue(job, {})).rejects.toMatchObject({ code: 'ERR_JOB_NOT_STORED' });
      expect(performance.now() - before).toBeLessThan(30_000);
    };
    proxy.state = 'silent';
    await refusal();
    proxy.cut();
    await refusal();
  });

  it('retries any number of failed jobs, a thousand in a statement: the time of one is limited', async () => {
    const schema = 'retries_many';
    const connectionString = server.url;
    const job = defineJob('many', () => {});
    const backend = postgresBackend({ connectionString, schema });
    await using jobs = await openJobs({ jobs: [job], backend, work: false });
    const count = 2_500;
    await jobs.enqueueMany(job, Array.from({ length: count }).fill(7));
    const client = new Client({ connectionString });
    await client.connect();
    await client.query(`
      update ${schema}.job set state = 'failed', completed_on = now();
      create table ${schema}.seen (n int);
      create function ${schema}.see() returns trigger language plpgsql as $$ begin
        insert into ${schema}.seen select count(*) from changed; return null;
      end $$;
      create trigger see after update on ${schema}.job referencing new table as changed
        for each statement execute function ${schema}.see()`);
    expect(await jobs.retryAll({ name: 'many' })).toBe(count);
    const { rows } = await client.query(`select n from ${schema}.seen`);
    expect(rows).toEqual([{ n: 1_000 }, { n: 1_000 }, { n: 500 }]);
    await client.end();
    expect(await jobs.depth()).toEqual({ many: { ready: count, active: 0, failed: 0 } });
  });

  it('reports each error of an outage once, works on when it is over, and reports the next outage', async () => {
    await using proxy = await Proxy.start(server.port);
    const job = defineJob('outage', () => {});
    const reported: string[] = [];
    await using jobs = await openJobs({
      jobs: [job],
      backend: postgresBackend({
        connectionString: server.url.replace(String(server.port), String(proxy.port)),
        queryTimeout: 5_000,
      }),
      exceptionHandler: ({ message, exception }) =>
        void reported.push(`${message}: ${String(exception)}`),
    });
    const outage = async (): Promise<string[]> => {
      reported.length = 0;
      proxy.cut();
      // Several rounds of its maintenance, its polling and its listener's attempts to connect.
      await sleep(12_000);
      proxy.state = 'open';
      const isStored = async (): Promise<boolean> =>
        jobs.enqueue(job, {}).then(
          () => true,
          () => false,
        );
      while (!(await isStored())) await sleep(50);
      while ((await jobs.depth())['outage']?.ready !== 0) await sleep(50);
      return [...reported];
    };
    for (const messages of [await outage(), await outage()]) {
      expect(messages).toContainEqual(expect.stringMatching(/^The job store reports an error: /));
      expect(messages).toHaveLength(new Set(messages).size);
    }
  });
});
