import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type AnyTransaction, type DurableJobs, defineJob, openJobs } from '@outlive/durable';
import { PostgresServer } from '@outlive/test-support/postgres-server';
import { describePgBoss } from '../support/engines.ts';
import { openDrizzle, openDrizzleOnPostgresJs } from '../support/orms/drizzle.ts';
import { openKnex } from '../support/orms/knex.ts';
import { openKysely } from '../support/orms/kysely.ts';
import type { Library, OpenLibrary } from '../support/orms/library.ts';
import { openMikroOrm } from '../support/orms/mikro-orm.ts';
import { openPg } from '../support/orms/pg.ts';
import { openPostgresJs } from '../support/orms/postgres-js.ts';
import { openPrisma } from '../support/orms/prisma.ts';
import { openSequelize } from '../support/orms/sequelize.ts';
import { openQueryRunner, openTypeOrm } from '../support/orms/typeorm.ts';

const libraries: Record<string, OpenLibrary> = {
  pg: openPg,
  'postgres.js': openPostgresJs,
  Knex: openKnex,
  Kysely: openKysely,
  'Drizzle on pg': openDrizzle,
  'Drizzle on postgres.js': openDrizzleOnPostgresJs,
  Prisma: openPrisma,
  TypeORM: openTypeOrm,
  'a QueryRunner of TypeORM': openQueryRunner,
  MikroORM: openMikroOrm,
  Sequelize: openSequelize,
};

/** What placeholders of some library, quotes or JSON could be broken by. */
const payloads: unknown[] = [
  'plain',
  "it's $1 and $2::text, ? and ?? and \\?, :name and ::text, $$ and $a$, %s, \\ and \\\\'",
  { '?': [1, null, true, { ':key': '"quoted"' }], "$1'": 'Grüße, 世界 🌍', '': -1.5e300 },
  [],
  null,
  '',
  '2026-01-01T00:00:00.000Z',
  { text: 'x?$1'.repeat(200_000) },
];

describePgBoss('a transaction', () => {
  const job = defineJob('job', (_: unknown) => {});
  let server: PostgresServer;
  let jobs: DurableJobs;
  /** Sees what is committed. */
  let observer: Client;

  beforeAll(async () => {
    server = await PostgresServer.start();
    jobs = await openJobs({ jobs: [job], store: server.url, work: false, exceptionHandler() {} });
    observer = new Client({ connectionString: server.url });
    await observer.connect();
  }, 120_000);

  afterAll(async () => {
    await observer.end();
    await jobs.close();
    await server.stop();
  });

  beforeEach(async () => {
    await observer.query("delete from outlive.job where name = 'job'");
    await observer.query('delete from outlive.outlive_window');
  });

  const stored = async (): Promise<unknown[]> => {
    const { rows } = await observer.query(
      "select data -> 'payload' as payload from outlive.job where name = 'job' order by id",
    );
    return rows.map(({ payload }) => payload as unknown);
  };

  async function enqueue(payload: unknown, tx: AnyTransaction | undefined): Promise<string> {
    if (tx === undefined) throw new Error('no transaction');
    const stores = async (): Promise<string> => {
      await jobs.enqueue(job, payload, { tx });
      return 'stored';
    };
    const enqueued = stores().catch(() => 'refused');
    // postgres.js may forget a statement for good, which is given up much later.
    return Promise.race([enqueued, sleep(5_000, 'pending')]);
  }

  describe.each(Object.entries(libraries))('of %s', (_, open) => {
    let library: Library;

    beforeAll(async () => {
      library = await open(server.url);
    }, 120_000);

    afterAll(async () => library.close());

    it('stores with its commit, and nobody sees the job before', async () => {
      await library.transaction(async (tx) => {
        const id = await jobs.enqueue(job, 'one', { tx });
        expect(id).toMatch(/^[0-9a-f-]{36}$/);
        expect(await stored()).toEqual([]);
      });
      expect(await stored()).toEqual(['one']);
    });

    it('stores nothing with its rollback', async () => {
      const rolledBack = library.transaction(async (tx) => {
        await jobs.enqueue(job, 'one', { tx });
        throw new Error('no');
      });
      await expect(rolledBack).rejects.toThrow('no');
      expect(await stored()).toEqual([]);
    });

    it('stores any payload as it is', async () => {
      for (const payload of payloads) {
        await library.transaction(async (tx) => void (await jobs.enqueue(job, payload, { tx })));
        expect(await stored()).toEqual([payload]);
        await observer.query("delete from outlive.job where name = 'job'");
      }
    });

    it('takes several at once, and says of a taken key that it is taken', async () => {
      await library.transaction(async (tx) => {
        const ids = await Promise.all(
          [1, 2, 3].map(async (n) => jobs.enqueue(job, n, { tx, key: String(n) })),
        );
        expect(new Set(ids).size).toBe(3);
        expect(await jobs.enqueue(job, 4, { tx, key: '1' })).toBeNull();
      });
      expect(new Set(await stored())).toEqual(new Set([1, 2, 3]));
    });

    it('takes what a key may say besides: once in a time, and in place of the job that waits', async () => {
      const first = await jobs.enqueue(job, 'first', { key: 'a' });
      const store = async (tx: AnyTransaction): Promise<(string | null)[]> => [
        await jobs.enqueue(job, { second: [2] }, { tx, key: 'a', replace: true, delay: 60_000 }),
        await jobs.enqueue(job, 'other', { tx, key: 'b', replace: true }),
        await jobs.enqueue(job, 'window', { tx, key: 'c', window: 60_000 }),
        await jobs.enqueue(job, 'none', { tx, key: 'c', window: 60_000 }),
      ];
      const rolledBack = library.transaction(async (tx) => {
        await store(tx);
        throw new Error('no');
      });
      await expect(rolledBack).rejects.toThrow('no');
      expect(await stored()).toEqual(['first']);
      await library.transaction(async (tx) => {
        const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
        expect(await store(tx)).toEqual([first, uuid, uuid, null]);
      });
      expect(new Set(await stored())).toEqual(new Set([{ second: [2] }, 'other', 'window']));
    });

    it('takes many at once', async () => {
      const many = [
        ...[1, 2, 3].map((n) => ({ payload: n, options: undefined })),
        { payload: 4, options: { key: 'a' } },
        { payload: 5, options: { key: 'a' } },
        { payload: 6, options: { key: 'b', window: 1_000, priority: 3 } },
      ];
      for (const fails of [true, false]) {
        const over = library.transaction(async (tx) => {
          const ids = await jobs.enqueueMany(job, many, { tx });
          expect(ids.map((id) => id === null)).toEqual([false, false, false, false, true, false]);
          if (fails) throw new Error('no');
        });
        await over.catch(() => undefined);
        expect(new Set(await stored())).toEqual(new Set(fails ? [] : [1, 2, 3, 4, 6]));
      }
    });

    it('loses with a savepoint what was stored behind it, also by a call that nobody waited for', async () => {
      const forgotten: Promise<string>[] = [];
      await library.transaction(async (tx, run) => {
        await jobs.enqueue(job, 'before', { tx });
        // Of several calls the others wait for the first.
        for (const [name, count] of Object.entries({ a: 0, b: 1, c: 3 })) {
          await run(`savepoint ${name}`);
          const calls = [...Array(Math.max(1, count)).keys()].map(async (index) =>
            enqueue(`behind ${name} ${index}`, tx),
          );
          if (count === 0) await Promise.all(calls);
          else forgotten.push(...calls);
          await run(`rollback to savepoint ${name}`);
          await Promise.all(calls);
        }
        await jobs.enqueue(job, 'after', { tx });
      });
      expect(await Promise.all(forgotten)).toEqual(Array(4).fill('refused'));
      expect(new Set(await stored())).toEqual(new Set(['before', 'after']));
    });

    it('that a failed statement has broken takes nothing', async () => {
      const broken = library.transaction(async (tx, run) => {
        await jobs.enqueue(job, 'before', { tx });
        await expect(async () => run('select * from no_table')).rejects.toThrow(/no_table/);
        await expect(jobs.enqueue(job, 'after', { tx })).rejects.toMatchObject({
          code: 'ERR_JOB_NOT_STORED',
        });
        throw new Error('no');
      });
      await expect(broken).rejects.toThrow('no');
      expect(await stored()).toEqual([]);
    });

    it('takes nothing once it is over, also of a call that nobody waited for', async () => {
      let kept: AnyTransaction | undefined;
      const forgotten: Promise<unknown>[] = [];
      for (const fails of [false, true]) {
        const over = library.transaction(async (tx) => {
          kept = tx;
          forgotten.push(...[1, 2, 3].map(async (n) => enqueue(n, tx)));
          if (fails) throw new Error('no');
        });
        await over.catch(() => undefined);
        await Promise.allSettled(forgotten);
        const committed = await stored();
        // Those that came in time are there with the commit; the others have rejected.
        const kinds = await Promise.all(forgotten.splice(0));
        expect(committed).toHaveLength(
          fails ? 0 : kinds.filter((kind) => kind === 'stored').length,
        );
        expect(await enqueue('late', kept)).toBe('refused');
        expect(await stored()).toEqual(committed);
      }
    });

    it('is told from what is none: refused at the call, with the list of what is taken', async () => {
      for (const [what, value] of library.others) {
        const call = (): unknown => jobs.enqueue(job, 1, { tx: value as AnyTransaction });
        expect(call).toThrow(TypeError);
        expect(call).toThrow(`got ${what}`);
        expect(call).toThrow(/pg .*Knex, Kysely, Drizzle, Prisma/);
      }
      expect(await stored()).toEqual([]);
    });
  });
});
