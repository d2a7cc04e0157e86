import type { DiedJob } from '../../backend.ts';
import type { Depth } from '../../depth.ts';
import { diedRun } from '../lost-jobs.ts';
import type { Due } from '../ready-queues.ts';
import {
  extras,
  isCancelled,
  leaseEnds,
  pausedQueue,
  type Tables,
  withoutCancel,
} from './tables.ts';

/** What is asked about the queues of one schema. */
export class QueueSql {
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
    const { name, message } = diedRun();
    const rows = await this.#tables.query(
      `update ${this.#tables.job} set output = $3::jsonb,
         state = case when ${isCancelled('job')} then 'cancelled' else state end, ${extras} = ${withoutCancel('job')}
       where name = any($1::text[]) and state = 'failed' and completed_on > ${this.#tables.now} - interval '1 day'
         and output -> 'value' ->> 'message' = any($2::text[])
       returning name, id::text as id, data -> 'payload' as payload, retry_count + 1 as attempt, state::text as state`,
      [names, leaseEnds, JSON.stringify({ name, message })],
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
}
