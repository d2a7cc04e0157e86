import type { Depth, DiedJob, Lease } from '../../backend.ts';
import type { Due } from '../ready-queues.ts';
import {
  extras,
  isCancelled,
  leaseEnds,
  pausedQueue,
  type Tables,
  withoutCancel,
} from './tables.ts';
import type { JobAttempt } from './types.ts';

/** A run that is done. */
export interface DoneRun {
  readonly lease: Lease;
  /** What its handler has returned; `undefined` for nothing. */
  readonly result: unknown;
}

/** What claims need of the tables of one schema. */
export class PgBossSql {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** The channel on which pg-boss notifies of each job that is ready at once. */
  async channel(): Promise<string> {
    const [row] = await this.#tables.query(`select ${this.#tables.channel} as channel`);
    return String(row?.['channel']);
  }

  /**
   * Hands a job back: ready at once, and its next claim has the same `retryCount` as this one. A failure
   * instead would spend a retry: a few deploys, and a long job is dead.
   */
  async release({ name, ref }: Lease): Promise<boolean> {
    const [row] = await this.#tables.query(
      `with released as (
         update ${this.#tables.job}
         set state = (case when ${isCancelled('job')} then 'cancelled' else 'created' end)::${this.#tables.jobState},
           completed_on = case when ${isCancelled('job')} then ${this.#tables.now} end,
           started_on = null, heartbeat_on = null, ${extras} = ${withoutCancel('job')}
         ${this.#fence} returning id
       ), told as (
         select pg_notify(${this.#tables.channel}, $1::text) from released
       )
       select (select count(*) from released)::int as released, (select count(*) from told)::int as told`,
      fenceValues(name, ref as JobAttempt),
    );
    return row?.['released'] === 1;
  }

  /** Lets a job wait for its next attempt, to the millisecond: pg-boss counts in seconds, and adds a random time. */
  async retry({ name, ref }: Lease, delay: number, output: object): Promise<boolean> {
    const [row] = await this.#tables.query(
      `with retried as (
         update ${this.#tables.job}
         set state = 'retry', heartbeat_on = null, output = $5::jsonb,
           start_after = ${this.#tables.now} + $4::float8 * interval '1 millisecond'
         ${this.#fence} and retry_count < retry_limit returning id
       ), told as (
         select pg_notify(${this.#tables.channel}, $1::text) from retried where $4::float8 = 0
       )
       select (select count(*) from retried)::int as retried, (select count(*) from told)::int as told`,
      [...fenceValues(name, ref as JobAttempt), delay, JSON.stringify(output)],
    );
    return row?.['retried'] === 1;
  }

  /** Ends jobs of one name, each with what its handler has returned. Tells of each whether its lease was still good. */
  async complete(name: string, runs: readonly DoneRun[]): Promise<boolean[]> {
    const jobs = runs.map(({ lease: { ref }, result }) => {
      const { id, retryCount } = ref as JobAttempt;
      return { id, retry_count: retryCount, output: result === undefined ? null : { result } };
    });
    const rows = await this.#tables.query(
      `update ${this.#tables.job} j
       set state = 'completed', completed_on = ${this.#tables.now}, output = done.output
       from json_to_recordset($2::text::json) as done (id uuid, retry_count int, output jsonb)
       where j.name = $1 and j.id = done.id and j.retry_count = done.retry_count and j.state = 'active'
       returning j.id::text as id, j.retry_count as attempt`,
      [name, JSON.stringify(jobs)],
    );
    const good = new Set(rows.map(({ id, attempt }) => `${String(id)}:${String(attempt)}`));
    return jobs.map(({ id, retry_count: attempt }) => good.has(`${id}:${attempt}`));
  }

  /**
   * Ends a job as cancelled.
   *
   * @param always - also one that nobody has asked to cancel
   */
  async cancel({ name, ref }: Lease, output: object, always: boolean): Promise<boolean> {
    const rows = await this.#tables.query(
      `update ${this.#tables.job}
       set state = 'cancelled', completed_on = ${this.#tables.now}, output = $4::jsonb, ${extras} = ${withoutCancel('job')}
       ${this.#fence} and ($5::boolean or ${isCancelled('job')}) returning 1`,
      [...fenceValues(name, ref as JobAttempt), JSON.stringify(output), always],
    );
    return rows.length === 1;
  }

  /** Ends a job as failed for good, whatever retries its queue allows; as cancelled, if somebody has asked for that. */
  async fail({ name, ref }: Lease, output: object): Promise<boolean> {
    const rows = await this.#tables.query(
      `update ${this.#tables.job}
       set state = (case when ${isCancelled('job')} then 'cancelled' else 'failed' end)::${this.#tables.jobState},
         completed_on = ${this.#tables.now}, heartbeat_on = null, output = $4::jsonb, ${extras} = ${withoutCancel('job')}
       ${this.#fence} returning 1`,
      [...fenceValues(name, ref as JobAttempt), JSON.stringify(output)],
    );
    return rows.length === 1;
  }

  /**
   * The queues that hold jobs to come, and the names that are stopped: two probes of an index for each name, however many
   * jobs there are.
   */
  async look(names: readonly string[]): Promise<{ due: Due[]; paused: string[] }> {
    const rows = await this.#tables.query(
      `select name, min(extract(epoch from start_after - ${this.#tables.now}) * 1000)::float8 as delay
       from unnest($1::text[]) as name,
         lateral (${this.#firstIn('created')} union all ${this.#firstIn('retry')}) as first
       group by name
       union all
       select singleton_key, null from ${this.#tables.job} where name = $2 and state = 'created'`,
      [names, pausedQueue],
    );
    const paused = rows.filter(({ delay }) => delay === null).map(({ name }) => String(name));
    const due = rows.filter(({ delay }) => delay !== null);
    return {
      due: due.map(({ name, delay }) => ({ name: String(name), delay: Number(delay) })),
      paused,
    };
  }

  /** Of a state that is spelt out: the index is one of jobs that have not ended, and only so known to hold all of them. */
  #firstIn(state: 'created' | 'retry'): string {
    return `(select start_after from ${this.#tables.job}
      where job.name = name.name and job.state = '${state}' and not blocked order by start_after limit 1)`;
  }

  /** The names of which a lease has run out. */
  async expired(names: readonly string[]): Promise<string[]> {
    const rows = await this.#tables.query(
      `select distinct name from ${this.#tables.job}
       where name = any($1::text[]) and state = 'active' and ${this.#leaseEnd} < ${this.#tables.now}`,
      [names],
    );
    return rows.map(({ name }) => String(name));
  }

  /** The jobs whose last lease ran out, each once for all processes: they get a reason that is ours. */
  async takeDied(names: readonly string[]): Promise<Omit<DiedJob, 'error'>[]> {
    const rows = await this.#tables.query(
      `update ${this.#tables.job} set output = '{"name": "JobFailedError", "message": "Its process died in its last run"}',
         state = case when ${isCancelled('job')} then 'cancelled' else state end, ${extras} = ${withoutCancel('job')}
       where name = any($1::text[]) and state = 'failed' and completed_on > ${this.#tables.now} - interval '1 day'
         and output -> 'value' ->> 'message' = any($2::text[])
       returning name, id::text as id, data -> 'payload' as payload, retry_count + 1 as attempt, state::text as state`,
      [names, leaseEnds],
    );
    const failed = rows.filter(({ state }) => state === 'failed');
    return failed as unknown as Omit<DiedJob, 'error'>[];
  }

  /** Names besides these under which jobs have waited for more than a minute, or whose processes have died. */
  async unknownNames(names: readonly string[]): Promise<{ name: string; count: number }[]> {
    const rows = await this.#tables.query(
      `select name, count(*)::int as count from ${this.#tables.job}
       where name <> all($1::text[]) and (
         state in ('created', 'retry') and start_after < ${this.#tables.now} - interval '1 minute'
         or state = 'active' and ${this.#leaseEnd} < ${this.#tables.now} - interval '1 minute'
       )
       group by name order by name`,
      [names],
    );
    return rows as { name: string; count: number }[];
  }

  /** Counted now: pg-boss's own statistics may be a minute old. */
  async depth(names: readonly string[]): Promise<Record<string, Depth>> {
    const rows = await this.#tables.query(
      `select name,
         count(*) filter (where state in ('created', 'retry'))::int as ready,
         count(*) filter (where state = 'active')::int as active,
         count(*) filter (where state = 'failed' and not ${isCancelled('job')})::int as failed
       from ${this.#tables.job}
       where name = any($1::text[]) and state in ('created', 'retry', 'active', 'failed') group by name`,
      [names],
    );
    const counted = new Map(rows.map(({ name, ...depth }) => [name, depth as unknown as Depth]));
    const paused = new Set(await this.pausedNames());
    return Object.fromEntries(
      names.map((name) => {
        const depth = counted.get(name) ?? { ready: 0, active: 0, failed: 0 };
        return [name, { ...depth, ...(paused.has(name) && { paused: true }) }];
      }),
    );
  }

  async pausedNames(): Promise<string[]> {
    const rows = await this.#tables.query(
      `select singleton_key as name from ${this.#tables.job} where name = $1 and state = 'created'`,
      [pausedQueue],
    );
    return rows.map(({ name }) => String(name));
  }

  /** An expression: when the lease of a job that runs is over. */
  readonly #leaseEnd =
    "least(heartbeat_on + heartbeat_seconds * interval '1 second', started_on + expire_seconds * interval '1 second')";

  readonly #fence =
    "where name = $1 and id = $2::uuid and retry_count = $3::int and state = 'active'";
}

function fenceValues(name: string, { id, retryCount }: JobAttempt): unknown[] {
  return [name, id, retryCount];
}
