import type { JobControl, RetryQuery } from '../../backend-operations.ts';
import { extras, pausedQueue, type Tables, uuids, withoutCancel } from './tables.ts';
import type { PgBoss } from './types.ts';

/** Until then a name stays stopped, by itself. */
const forEver = '3000-01-01T00:00:00Z';
/** Jobs that are retried with one statement: it takes much less than its time limit. */
const mostAtOnce = 1_000;

/** What operators do to jobs in the tables of pg-boss. */
export class PgBossControl implements JobControl {
  readonly #tables: Tables;
  readonly #boss: PgBoss;
  readonly #told: (note: string) => void;

  /**
   * @param told - is told at once what other processes hear by a notification
   */
  constructor(tables: Tables, boss: PgBoss, told: (note: string) => void) {
    this.#tables = tables;
    this.#boss = boss;
    this.#told = told;
  }

  async retry(id: string): Promise<boolean> {
    return (await this.#retry(uuids([id]))) === 1;
  }

  async retryAll({ name, error }: RetryQuery): Promise<number> {
    const rows = await this.#tables.query(
      `select distinct on (coalesce(singleton_key, id::text)) id::text as id from ${this.#tables.job} j
       where name = $1 and state = 'failed'
         and ($2::text is null or output ->> 'name' = $2 or position($2 in output ->> 'message') > 0)
         and not exists (
           select 1 from ${this.#tables.job} other where other.name = j.name
             and other.singleton_key = j.singleton_key and other.state <= 'active')
       order by coalesce(singleton_key, id::text), created_on, id`,
      [name, error ?? null],
    );
    const ids = rows.map(({ id }) => String(id));
    let count = 0;
    for (let index = 0; index < ids.length; index += mostAtOnce) {
      count += await this.#retrySome(ids.slice(index, index + mostAtOnce));
    }
    return count;
  }

  /** One statement, so that a job that is claimed meanwhile is cancelled as one that runs. */
  async cancel(id: string): Promise<boolean> {
    const rows = await this.#tables.query(
      `update ${this.#tables.job} j set
         state = case when j.state = 'active' then j.state else 'cancelled' end,
         completed_on = case when j.state = 'active' then null else ${this.#tables.now} end,
         ${extras} = case when j.state = 'active' then coalesce(j.${extras}, '{}') || '{"cancel": true}' else ${withoutCancel('j')} end
       from ${this.#tables.queue} q
       where q.name = j.name and ${this.#tables.isJobQueue} and j.id = any($1::uuid[]) and j.state < 'completed'
       returning 1`,
      [uuids([id])],
    );
    return rows.length === 1;
  }

  async discard(id: string): Promise<boolean> {
    const rows = await this.#tables.query(
      `delete from ${this.#tables.job} j using ${this.#tables.queue} q
       where q.name = j.name and ${this.#tables.isJobQueue} and j.id = any($1::uuid[]) and j.state <> 'active'
       returning 1`,
      [uuids([id])],
    );
    return rows.length === 1;
  }

  async pause(name: string): Promise<void> {
    await this.#boss.createQueue(pausedQueue, { policy: 'exclusive' });
    await this.#boss.send(pausedQueue, { name }, { singletonKey: name, startAfter: forEver });
    await this.#notify(`pause:${name}`);
  }

  async resume(name: string): Promise<void> {
    await this.#tables.query(
      `delete from ${this.#tables.job} where name = $1 and singleton_key = $2`,
      [pausedQueue, name],
    );
    await this.#notify(`resume:${name}`);
  }

  async #retrySome(ids: readonly string[]): Promise<number> {
    const retried = await this.#retry(ids);
    if (retried !== undefined) return retried;
    // A job with the key of one of them was stored meanwhile.
    let count = 0;
    for (const id of ids) if (await this.retry(id)) count += 1;
    return count;
  }

  /** `undefined`, with nothing changed, if a job with the key of one of them waits or runs. */
  async #retry(ids: readonly string[]): Promise<number | undefined> {
    if (ids.length === 0) return 0;
    try {
      const [row] = await this.#tables.query(
        `with retried as (
           update ${this.#tables.job} j set
             state = 'created', retry_count = 0, retry_limit = q.retry_limit, started_on = null, completed_on = null,
             heartbeat_on = null, output = null, ${extras} = null, upsert_by_key = null, start_after = ${this.#tables.now}
           from ${this.#tables.queue} q
           where q.name = j.name and ${this.#tables.isJobQueue} and j.id = any($1::uuid[])
             and j.state in ('failed', 'cancelled')
           returning j.name
         ), told as (
           select pg_notify(${this.#tables.channel}, name) from (select distinct name from retried) as names
         )
         select (select count(*) from retried)::int as retried, (select count(*) from told)::int as told`,
        [ids],
      );
      return Number(row?.['retried']);
    } catch (error) {
      // unique_violation (https://www.postgresql.org/docs/current/errcodes-appendix.html)
      if ((error as { code?: unknown } | undefined)?.code === '23505') return undefined;
      throw error;
    }
  }

  async #notify(note: string): Promise<void> {
    this.#told(note);
    await this.#tables.notify(note);
  }
}
