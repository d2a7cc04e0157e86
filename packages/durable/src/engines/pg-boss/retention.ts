import type { JobSpec } from '../../backend.ts';
import { Routine } from '../../util/routine.ts';
import type { Tables } from './tables.ts';

/** Time in ms between two looks for jobs that were kept long enough. */
const interval = 10_000;
/** Jobs of one statement: each takes much less than its time limit, and no lock is held for long. */
const mostAtOnce = 1_000;

const kinds = [
  { rule: 'completed', states: "('completed')" },
  { rule: 'failed', states: "('failed', 'cancelled')" },
] as const;

/** Deletes the jobs that were kept long enough after their end. */
export class Retention {
  readonly #tables: Tables;
  readonly #specs: readonly JobSpec[];
  readonly #routine: Routine;

  constructor(tables: Tables, specs: readonly JobSpec[], report: (error: unknown) => void) {
    this.#tables = tables;
    this.#specs = specs;
    this.#routine = new Routine(interval, async () => this.#run(), report);
  }

  end(): void {
    void this.#routine.end();
  }

  async #run(): Promise<void> {
    for (const { rule, states } of kinds) {
      await this.#delete(async () => this.#tooOld(states, rule));
      await this.#delete(async () => this.#tooMany(states, rule));
    }
  }

  async #delete(some: () => Promise<number>): Promise<void> {
    while (!this.#routine.hasEnded && (await some()) === mostAtOnce);
  }

  async #tooOld(states: string, rule: 'completed' | 'failed'): Promise<number> {
    const rules = this.#specs.map(({ name, keep }) => ({ name, age: keep[rule].age }));
    const limited = rules.filter(({ age }) => age !== Infinity);
    if (limited.length === 0) return 0;
    return this.#deleteWhere(
      `select j.name, j.id from unnest($1::text[], $2::float8[]) as kept (name, age)
         join ${this.#tables.job} j on j.name = kept.name and j.state in ${states}
           and j.completed_on <= ${this.#tables.now} - kept.age * interval '1 millisecond'
       limit ${mostAtOnce}`,
      [limited.map(({ name }) => name), limited.map(({ age }) => age)],
    );
  }

  async #tooMany(states: string, rule: 'completed' | 'failed'): Promise<number> {
    const rules = this.#specs.map(({ name, keep }) => ({ name, count: keep[rule].count }));
    const limited = rules.filter(({ count }) => count !== Infinity);
    if (limited.length === 0) return 0;
    return this.#deleteWhere(
      `select j.name, j.id from unnest($1::text[], $2::int[]) as kept (name, most), lateral (
         select name, id from ${this.#tables.job} where name = kept.name and state in ${states}
         order by completed_on desc, id desc offset kept.most limit ${mostAtOnce}
       ) as j limit ${mostAtOnce}`,
      [limited.map(({ name }) => name), limited.map(({ count }) => count)],
    );
  }

  /** What another process is deleting is left to it. */
  async #deleteWhere(jobs: string, values: unknown[]): Promise<number> {
    const rows = await this.#tables.query(
      `delete from ${this.#tables.job} where (name, id) in (${jobs}) and state > 'active' returning 1`,
      values,
    );
    return rows.length;
  }
}
