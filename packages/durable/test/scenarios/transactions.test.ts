import { date, integer, jsonb, pgTable } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/pglite';
import { Client, Pool } from 'pg';
import { type DurableJobs, defineJob, openJobs, pgliteBackend } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { PostgresServer } from '@outlive/test-support/postgres-server';
import { describePgBoss } from '../support/engines.ts';

const order = defineJob('order', (_: { n: number }) => {});
const rollback = new Error('rolled back');

for (const store of ['PostgreSQL', 'PGlite']) {
  describePgBoss(`a transaction in ${store}`, () => {
    let server: PostgresServer | undefined;
    let jobs: DurableJobs;
    const reported: string[] = [];

    beforeAll(async () => {
      if (store === 'PostgreSQL') server = await PostgresServer.start();
      jobs = await openJobs({
        jobs: [order],
        ...(server === undefined ? { backend: pgliteBackend() } : { store: server.url }),
        work: false,
        exceptionHandler: ({ exception }) => void reported.push(String(exception)),
      });
    }, 120_000);

    afterAll(async () => {
      await jobs.close();
      await server?.stop();
    });

    beforeEach(() => reported.splice(0));

    const ready = async (): Promise<number | undefined> => (await jobs.depth())['order']?.ready;

    it('that is rolled back stores nothing, also of a call that nobody waited for, and reports that', async () => {
      const before = await ready();
      for (let n = 0; n < 10; n += 1) {
        const work = jobs.transaction(async (tx) => {
          await tx.query('select 1');
          void jobs.enqueue(order, { n }, { tx });
          throw rollback;
        });
        await expect(work).rejects.toBe(rollback);
      }
      await until(() => reported.length === 10);
      expect(await ready()).toBe(before);
      expect(reported[0]).toContain('The transaction is over: await what is stored in it');
    });

    it('takes nothing more once it is over, whatever its end', async () => {
      const before = await ready();
      const kept = await jobs.transaction(async (tx) => tx);
      await expect(jobs.enqueue(order, { n: 1 }, { tx: kept })).rejects.toMatchObject({
        code: 'ERR_JOB_NOT_STORED',
        cause: expect.objectContaining({ message: expect.stringContaining('is over') }),
      });
      expect(await ready()).toBe(before);
    });

    it('needs a function to run: refused at the call', () => {
      for (const work of [undefined, null, 7, 'work', Promise.resolve()]) {
        expect(() => jobs.transaction(work as never)).toThrow(/`work` to be a function, got/);
      }
    });

    it('is none where its queries would be in none: refused at the call', async () => {
      const connectionString = server?.url ?? 'postgres://127.0.0.1:9/none';
      const pool = new Pool({ connectionString });
      const { pglite } = jobs.native as { pglite?: object };
      const dataSource = { query: async () => [], transaction() {} };
      const idle = { query: async () => [], isTransactionActive: false };
      for (const tx of [pool, pglite ?? dataSource, dataSource, idle]) {
        expect(() => jobs.enqueue(order, { n: 1 }, { tx: tx as never })).toThrow(TypeError);
        expect(() => jobs.enqueue(order, { n: 1 }, { tx: tx as never })).toThrow(
          /got a .* transaction/,
        );
      }
      await pool.end();
    });
  });
}

describePgBoss('a transaction of Drizzle on the PGlite of the store', () => {
  const orders = pgTable('orders', { n: integer(), on: date({ mode: 'string' }), lines: jsonb() });

  it('writes rows and jobs, with its commit, and without those of a savepoint that is rolled back', async () => {
    await using jobs = await openJobs({ jobs: [order], backend: pgliteBackend(), work: false });
    const { pglite } = jobs.native as { pglite: never };
    const database = drizzle(pglite);
    await database.execute('create table orders (n integer, "on" date, lines jsonb)');
    const place = async (n: number, ends: 'commit' | 'rollback'): Promise<void> =>
      database.transaction(async (tx) => {
        const [row] = await tx
          .insert(orders)
          .values({ n, on: '2026-05-01', lines: [{ n }] })
          .returning();
        await jobs.enqueue(order, { n: row?.n ?? 0 }, { tx });
        const nested = tx.transaction(async (inner) => {
          await jobs.enqueueMany(order, [{ n: 8 }, { n: 9 }], { tx: inner });
          throw rollback;
        });
        await expect(nested).rejects.toBe(rollback);
        if (ends === 'rollback') throw rollback;
      });
    await place(1, 'commit');
    await expect(place(2, 'rollback')).rejects.toBe(rollback);
    expect(await database.select().from(orders)).toEqual([
      { n: 1, on: '2026-05-01', lines: [{ n: 1 }] },
    ]);
    expect((await jobs.list()).jobs.map(({ payload }) => payload)).toEqual([{ n: 1 }]);
    expect(() => jobs.enqueue(order, { n: 3 }, { tx: database as never })).toThrow(
      'got Drizzle itself',
    );
  }, 120_000);
});

describePgBoss("a transaction of the caller's own", () => {
  let server: PostgresServer;
  let jobs: DurableJobs;
  let client: Client;

  beforeAll(async () => {
    server = await PostgresServer.start();
    jobs = await openJobs({
      jobs: [order],
      store: server.url,
      work: false,
      exceptionHandler: () => {},
    });
    client = new Client({ connectionString: server.url });
    await client.connect();
  }, 120_000);

  afterAll(async () => {
    await client.end();
    await jobs.close();
    await server.stop();
  });

  const ready = async (): Promise<number | undefined> => (await jobs.depth())['order']?.ready;

  it('is refused where the client is in none: at the call, and at the query', async () => {
    await client.query('select 1');
    expect(() => jobs.enqueue(order, { n: 1 }, { tx: client })).toThrow(
      'a client without a transaction',
    );
    await client.query('begin');
    const rolledBack = client.query('rollback');
    await rolledBack;
    expect(() => jobs.enqueue(order, { n: 1 }, { tx: client })).toThrow(TypeError);
    expect(await ready()).toBe(0);
  });

  it('may be a QueryRunner of TypeORM, whose query() answers with the rows alone', async () => {
    const runner = {
      isTransactionActive: true,
      query: async (text: string, values?: unknown[]) => (await client.query(text, values)).rows,
    };
    for (const end of ['rollback', 'commit']) {
      await client.query('begin');
      const id = await jobs.enqueue(order, { n: 1 }, { tx: runner as never });
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(await ready()).toBe(0);
      await client.query(end);
    }
    expect(await ready()).toBe(1);
  });
});
