import type { JobSpec } from '../../backend.ts';
import type { Connection } from './connection.ts';
import type { FetchedJob } from './types.ts';

/** What the statement by which pg-boss fetches has in it: what it knows of each job, and which one of a group is the first. */
const known = 'j.group_id, j.group_tier';
const oldest = 'PARTITION BY t.group_id ORDER BY t.id)';

/** Of the jobs of one group that pg-boss finds it would take the oldest, whatever their priorities. */
function byPriority(text: string): string {
  // A later version may go by priority itself: a conformance test sees to that.
  if (!text.includes(known) || !text.includes(oldest)) return text;
  return text
    .replace(known, `${known}, j.priority, j.created_on`)
    .replace(oldest, 'PARTITION BY t.group_id ORDER BY t.priority DESC, t.created_on, t.id)');
}

/** Fetches the jobs of names with `perKey`. */
export class Groups {
  readonly #connection: Connection;
  readonly #limits: ReadonlyMap<string, number>;

  constructor(connection: Connection, specs: readonly JobSpec[]) {
    this.#connection = connection;
    this.#limits = new Map(specs.flatMap(({ name, perKey }) => (perKey ? [[name, perKey]] : [])));
  }

  has(name: string): boolean {
    return this.#limits.has(name);
  }

  /**
   * pg-boss counts what runs of each group, but two processes that count at the same time do not see each other: so one
   * after another. And it may find one group alone among the first jobs: so again, until there are enough or no more.
   */
  async fetch(name: string, wanted: number): Promise<FetchedJob[]> {
    const { boss, schema, ownTransaction } = this.#connection;
    const groupConcurrency = this.#limits.get(name) ?? 1;
    return ownTransaction(async (tx) => {
      const db = {
        executeSql: async (text: string, values?: unknown[]) => tx.query(byPriority(text), values),
      };
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `${schema}:${name}`,
      ]);
      const jobs: FetchedJob[] = [];
      while (jobs.length < wanted) {
        const options = { batchSize: wanted - jobs.length, groupConcurrency, db };
        const more = await boss.fetch<unknown>(name, { ...options, includeMetadata: true });
        if (more.length === 0) break;
        jobs.push(...more);
      }
      return jobs;
    });
  }
}
