import { PGlite } from '@electric-sql/pglite';
import { until } from '@outlive/test-support/conditions';
import { keepClean } from '../../../src/engines/pg-boss/pglite-vacuum.ts';

interface Count {
  readonly dead: number;
  readonly times: number;
}

const counts = `
  select n_dead_tup::int as dead, vacuum_count::int as times from pg_stat_user_tables
  where schemaname = 'jobs' order by relname`;

it('clears away what has changed in the tables of its schema, and leaves the others alone', async () => {
  const looks = jest.spyOn(globalThis, 'setInterval');
  const database = await PGlite.create();
  const errors: unknown[] = [];
  const done: string[] = [];
  try {
    await database.exec(`
      create schema jobs;
      create table jobs."Changed" (n int);
      create table jobs.quiet (n int);
      insert into jobs."Changed" select generate_series(1, 1000);
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
      { dead: 1_000, times: 0 },
      { dead: 0, times: 0 },
    ]);
    const [look, interval] = looks.mock.lastCall ?? [];
    expect(interval).toBe(5_000);
    look?.();
    await until(() => done.length === 2);
    expect((await database.query<Count>(counts)).rows).toEqual([
      { dead: 0, times: 1 },
      { dead: 0, times: 0 },
    ]);
    end();
    expect(errors).toEqual([]);
  } finally {
    looks.mockRestore();
    await database.close();
  }
});
