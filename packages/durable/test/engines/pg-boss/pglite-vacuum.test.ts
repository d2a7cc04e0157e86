import { PGlite } from '@electric-sql/pglite';
import { until } from '@outlive/test-support/conditions';
import { keepClean } from '../../../src/engines/pg-boss/pglite-vacuum.ts';

interface Count {
  readonly dead: number;
  readonly vacuums: number;
  readonly looks: number;
}

const counts = `
  select n_dead_tup::int as dead, vacuum_count::int as vacuums, analyze_count::int as looks
  from pg_stat_user_tables
  where schemaname = 'jobs' order by relname`;

it('clears away the old rows of tables that have many, looks anew at those that have grown, and leaves others alone', async () => {
  const intervals = jest.spyOn(globalThis, 'setInterval');
  const database = await PGlite.create();
  const errors: unknown[] = [];
  const done: string[] = [];
  try {
    await database.exec(`
      create schema jobs;
      create table jobs."Changed" (n int);
      create table jobs.grown (n int);
      create table jobs.quiet (n int);
      insert into jobs."Changed" select generate_series(1, 3000);
      insert into jobs.grown select generate_series(1, 3000);
      insert into jobs.quiet select generate_series(1, 1000);
      update jobs."Changed" set n = n + 1;
      select pg_stat_force_next_flush();
    `);
    const db = {
      async executeSql(text: string, values?: unknown[]) {
        const result = await database.query(text, values);
        done.push(text);
        return result;
      },
    };
    const end = keepClean(db, 'jobs', (error) => void errors.push(error));
    expect((await database.query<Count>(counts)).rows).toEqual([
      { dead: 3_000, vacuums: 0, looks: 0 },
      { dead: 0, vacuums: 0, looks: 0 },
      { dead: 0, vacuums: 0, looks: 0 },
    ]);
    const [look, interval] = intervals.mock.lastCall ?? [];
    expect(interval).toBe(5_000);
    look?.();
    await until(() => done.length === 3);
    expect((await database.query<Count>(counts)).rows).toEqual([
      { dead: 0, vacuums: 1, looks: 1 },
      { dead: 0, vacuums: 0, looks: 1 },
      { dead: 0, vacuums: 0, looks: 0 },
    ]);
    end();
    expect(errors).toEqual([]);
  } finally {
    intervals.mockRestore();
    await database.close();
  }
});
