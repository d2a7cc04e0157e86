import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PgliteDatabase } from '../../../src/engines/pg-boss/pglite-database.ts';
import { describePgBoss } from '../../support/engines.ts';

/** A statement that spins in WASM, as every one does once the disk is full. */
const endless = 'do $$ begin loop end loop; end $$';

/** A statement that spins for so long. */
const spinFor = (interval: string): string =>
  `do $$ begin while clock_timestamp() < now() + interval '${interval}' loop end loop; end $$`;

const inBrackets = (value: string): string => `<${value}>`;

describePgBoss('PGlite in a thread', () => {
  let dataDir: string;
  let database: PgliteDatabase;
  const errors: string[] = [];
  const refused: string[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'outlive-thread-'));
    database = await PgliteDatabase.open({
      module: require.resolve('@electric-sql/pglite'),
      dataDir,
      onError: (error) => errors.push(String(error)),
      patience: 8_000,
      longestRest: 2_000,
    });
  }, 120_000);

  afterAll(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });

  /** The answer, once the database is open again. */
  async function ask(text: string): Promise<unknown> {
    for (;;) {
      try {
        return (await database.query(text)).rows;
      } catch (error) {
        refused.push(String(error));
        await new Promise((resolve) => {
          setTimeout(resolve, 100);
        });
      }
    }
  }

  it('keeps the event loop of the process free while a statement runs', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 10);
    await database.query('select pg_sleep(0)'); // warm
    const busy = database.query('select count(*) from generate_series(1, 3000000)');
    const before = turns;
    await busy;
    clearInterval(timer);
    expect(turns - before).toBeGreaterThan(3);
  });

  it('leaves a statement alone that runs while the whole process stands still', async () => {
    const slow = database.exec(`${spinFor('2 seconds')}; select 1 as n`);
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + 60_000);
    try {
      expect((await slow).at(-1)?.rows).toEqual([{ n: 1 }]);
    } finally {
      clock.mockRestore();
    }
  });

  it('gives JSON as values of this realm, and all else as PGlite does', async () => {
    const { rows } = await database.query(
      `select '{"a": [1, null]}'::jsonb as data, null::json as none, now() as at, 2::int8 as n`,
    );
    expect(rows[0]?.['data']).toStrictEqual({ a: [1, null] });
    expect(rows[0]).toMatchObject({ none: null, at: expect.anything(), n: 2 });
    expect(Number.isNaN(Number(rows[0]?.['at']))).toBe(false);
    const [exec] = await database.exec(`select '"text"'::jsonb as data`);
    expect(exec?.rows).toStrictEqual([{ data: 'text' }]);
  });

  it('gives rows as arrays, and columns as they are parsed, as PGlite does', async () => {
    const text = `select 1 as n, 2 as n, '[3]'::jsonb as data, null::date as none, '2026-05-01'::date as at, '{1.50,2}'::numeric[] as list`;
    const parsers = { 1082: inBrackets, 1231: inBrackets };
    const { rows, fields } = await database.query(text, [], { rowMode: 'array', parsers });
    expect(rows).toStrictEqual([[1, 2, [3], null, '<2026-05-01>', '<{1.50,2}>']]);
    expect(fields.map(({ name }) => name)).toEqual(['n', 'n', 'data', 'none', 'at', 'list']);
    await database.transaction(async (tx) => {
      const answer = await tx.query(text, [], { rowMode: 'object', parsers });
      expect(answer.rows).toStrictEqual([
        { n: 2, data: [3], none: null, at: '<2026-05-01>', list: '<{1.50,2}>' },
      ]);
    });
  });

  it('keeps the code of an error, which pg-boss looks at', async () => {
    await expect(database.query('select 1 / 0')).rejects.toMatchObject({
      code: '22012',
      message: 'division by zero',
    });
  });

  it('holds a transaction together, and lets others wait for it', async () => {
    await database.exec('create table kept (n integer); create table other (n integer)');
    const later: unknown[] = [];
    const failing = database.transaction(async (tx) => {
      await tx.query('insert into kept values ($1)', [1]);
      void database
        .query('select count(*)::int as n from kept')
        .then(({ rows }) => later.push(rows));
      expect((await tx.query('select n from kept')).rows).toEqual([{ n: 1 }]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await database.query('select 1');
    expect(later).toEqual([[{ n: 0 }]]);
  });

  it('rolls a transaction back that rests while others wait for it, as for a call inside without its tx', async () => {
    await database.exec('create table rested (n integer)');
    const inner: unknown[] = [];
    const resting = database.transaction(async (tx) => {
      await tx.query('insert into rested values (1)');
      inner.push((await database.query('select n from rested')).rows);
      await tx.query('insert into rested values (2)');
    });
    const other = database.transaction(async (tx) => tx.query('select n from rested'));
    await expect(resting).rejects.toThrow(/rolled back: .* give `tx` to every call inside/);
    expect((await other).rows).toEqual([]);
    expect((await database.query('select n from rested')).rows).toEqual([]);
    expect(inner).toEqual([[]]);
  });

  it('lets a transaction rest that nobody waits for, or that asks something now and then', async () => {
    await database.exec('create table slow (n integer)');
    await database.transaction(async (tx) => {
      await tx.query('insert into slow values (1)');
      await sleep(3_000);
    });
    const waiting: unknown[] = [];
    await database.transaction(async (tx) => {
      waiting.push(database.query('select count(*)::int as n from slow').then(({ rows }) => rows));
      for (let n = 2; n < 5; n += 1) {
        await sleep(1_000);
        await tx.query('insert into slow values ($1)', [n]);
      }
    });
    expect(await Promise.all(waiting)).toEqual([[{ n: 4 }]]);
  }, 120_000);

  it('is ended and opened anew when it hangs: what was acknowledged is there, what was not is rejected', async () => {
    const heard: string[] = [];
    const gaps: number[] = [];
    await database.listen('news', (text) => heard.push(text));
    database.onGap(() => gaps.push(1));
    await database.query('insert into kept values (7)');
    const waiting = [database.query(endless), database.query('insert into kept values (8)')];
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(errors).toEqual([
      expect.stringMatching(/^JobStoreError: PGlite has not answered for \d+ ms, and was ended/),
    ]);
    // Until there is a thread again the reason is the same; from then on it waits for that.
    expect(await ask('select n from kept order by n')).toEqual([{ n: 7 }]);
    expect(new Set(refused)).toEqual(
      new Set([String((outcomes[0] as { reason: unknown }).reason)]),
    );
    while (gaps.length === 0) await new Promise(setImmediate);
    expect(gaps).toEqual([1]);
    await database.query("select pg_notify('news', 'again')");
    while (heard.length === 0) await new Promise(setImmediate);
    expect(heard).toEqual(['again']);
  }, 120_000);
});
