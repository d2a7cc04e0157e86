import type { Depth, DiedJob, Lease } from '../../backend.ts';
import type { Due } from '../ready-queues.ts';
import type { Db, JobAttempt } from './types.ts';

// What pg-boss does not offer, done in its tables. Everything that depends on how they look is in this
// file, and the conformance tests of both stores run it.

/** The statements for one schema. */
export class PgBossSql {
  readonly #db: Db;
  readonly #schema: string;

  constructor(db: Db, schema: string) {
    this.#db = db;
    this.#schema = schema;
  }

  /** The channel on which pg-boss notifies of each job that is ready at once. */
  async channel(): Promise<string> {
    const [row] = await this.#query(`select ${this.#channel} as channel`);
    return String(row?.['channel']);
  }

  /**
   * Hands a job back: ready at once, and its next claim has the same `retryCount` as this one. A failure
   * instead would spend a retry: a few deploys, and a long job is dead.
   */
  async release({ name, ref }: Lease): Promise<boolean> {
    const [row] = await this.#query(
      `with released as (
         update ${this.#schema}.job
         set state = 'created', started_on = null, heartbeat_on = null
         ${this.#fence} returning id
       ), told as (
         select pg_notify(${this.#channel}, $1::text) from released
       )
       select (select count(*) from released)::int as released, (select count(*) from told)::int as told`,
      fenceValues(name, ref as JobAttempt),
    );
    return row?.['released'] === 1;
  }

  /** Lets a job wait for its next attempt, to the millisecond: pg-boss counts in seconds, and adds a random time. */
  async retry({ name, ref }: Lease, delay: number, output: object): Promise<boolean> {
    const [row] = await this.#query(
      `with retried as (
         update ${this.#schema}.job
         set state = 'retry', heartbeat_on = null, output = $5::jsonb,
           start_after = ${this.#schema}.job_now() + $4::float8 * interval '1 millisecond'
         ${this.#fence} and retry_count < retry_limit returning id
       ), told as (
         select pg_notify(${this.#channel}, $1::text) from retried where $4::float8 = 0
       )
       select (select count(*) from retried)::int as retried, (select count(*) from told)::int as told`,
      [...fenceValues(name, ref as JobAttempt), delay, JSON.stringify(output)],
    );
    return row?.['retried'] === 1;
  }

  /** Leaves a job without another retry, whatever its queue allows. */
  async denyRetries({ name, ref }: Lease): Promise<void> {
    await this.#query(
      `update ${this.#schema}.job set retry_limit = retry_count ${this.#fence}`,
      fenceValues(name, ref as JobAttempt),
    );
  }

  /** The queues that hold jobs to come: two probes of an index for each, however many jobs there are. */
  async due(names: readonly string[]): Promise<Due[]> {
    const rows = await this.#query(
      `select name, min(extract(epoch from start_after - ${this.#schema}.job_now()) * 1000)::float8 as delay
       from unnest($1::text[]) as name, unnest(array['created', 'retry']::${this.#schema}.job_state[]) as state,
         lateral (
           select start_after from ${this.#schema}.job
           where job.name = name.name and job.state = state.state and not blocked
           order by start_after limit 1
         ) as first
       group by name`,
      [names],
    );
    return rows.map(({ name, delay }) => ({ name: String(name), delay: Number(delay) }));
  }

  async notify(text: string): Promise<void> {
    await this.#query(`select pg_notify(${this.#channel}, $1::text)`, [text]);
  }

  /** The jobs whose last lease ran out, each once for all processes: they get a reason that is ours. */
  async takeDied(names: readonly string[]): Promise<Omit<DiedJob, 'error'>[]> {
    const rows = await this.#query(
      `update ${this.#schema}.job set output = '{"message": "Its process died in its last run"}'
       where name = any($1::text[]) and state = 'failed' and completed_on > ${this.#schema}.job_now() - interval '1 day'
         and output -> 'value' ->> 'message' in ('job heartbeat timeout', 'job timed out')
       returning name, id::text as id, data -> 'payload' as payload, retry_count + 1 as attempt`,
      [names],
    );
    return rows as unknown as Omit<DiedJob, 'error'>[];
  }

  /** Names besides these under which jobs have waited for more than a minute. */
  async unknownNames(names: readonly string[]): Promise<{ name: string; count: number }[]> {
    const rows = await this.#query(
      `select name, count(*)::int as count from ${this.#schema}.job
       where state in ('created', 'retry') and name <> all($1::text[])
         and start_after < ${this.#schema}.job_now() - interval '1 minute'
       group by name order by name`,
      [names],
    );
    return rows as { name: string; count: number }[];
  }

  /** Counted now: pg-boss's own statistics may be a minute old. */
  async depth(names: readonly string[]): Promise<Record<string, Depth>> {
    const rows = await this.#query(
      `select name,
         count(*) filter (where state in ('created', 'retry'))::int as ready,
         count(*) filter (where state = 'active')::int as active,
         count(*) filter (where state = 'failed')::int as failed
       from ${this.#schema}.job where name = any($1::text[]) group by name`,
      [names],
    );
    const counted = new Map(rows.map(({ name, ...depth }) => [name, depth as unknown as Depth]));
    const none: Depth = { ready: 0, active: 0, failed: 0 };
    return Object.fromEntries(names.map((name) => [name, counted.get(name) ?? none]));
  }

  async #query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    const { rows } = await this.#db.executeSql(text, values);
    return rows as Record<string, unknown>[];
  }

  get #channel(): string {
    return `('pgboss_' || left(encode(sha224('${this.#schema}'::bytea), 'hex'), 24))`;
  }

  readonly #fence =
    "where name = $1 and id = $2::uuid and retry_count = $3::int and state = 'active'";
}

function fenceValues(name: string, { id, retryCount }: JobAttempt): unknown[] {
  return [name, id, retryCount];
}
