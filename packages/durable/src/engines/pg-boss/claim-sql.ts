import type { Lease } from '../../backend.ts';
import { extras, isCancelled, type Tables, withoutCancel } from './tables.ts';
import type { FetchedJob, JobAttempt } from './types.ts';

/** A run that is done. */
export interface DoneRun {
  readonly lease: Lease;
  /** What its handler has returned; `undefined` for nothing. */
  readonly result: unknown;
}

/** A job that is claimed now. */
export type TakenJob = Pick<
  FetchedJob,
  'id' | 'data' | 'retryCount' | 'retryLimit' | 'heartbeatSeconds' | 'sourceOutput'
>;

/** What became of runs that are done, and the jobs that come next. */
export interface Turn {
  /** Of each run, whether its lease was still good. */
  readonly wasGood: boolean[];
  readonly taken: readonly TakenJob[];
}

/** A part of a statement, with rows that all parts have. */
interface Part {
  readonly with: string;
  readonly select: string;
}

/** What claims ask of the tables of one schema. */
export class ClaimSql {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
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

  /**
   * Ends jobs of one name, each with what its handler has returned, and takes at most `wanted` others: one statement, and one
   * flush to the disk. pg-boss takes two for that, and reads all columns where two more are wanted than its fewest.
   */
  async endAndTake(name: string, runs: readonly DoneRun[], wanted: number): Promise<Turn> {
    const ends = runs.map(({ lease: { ref }, result }) => {
      const { id, retryCount } = ref as JobAttempt;
      return { id, retry_count: retryCount, output: result === undefined ? null : { result } };
    });
    // PGlite takes a third of the time of a statement to plan it.
    const parts = [
      ...(ends.length > 0 ? [this.#end] : []),
      ...(wanted > 0 ? [this.#take(wanted)] : []),
    ];
    const rows = await this.#tables.query(
      `with ${parts.map((part) => part.with).join(', ')} ${parts.map((part) => part.select).join(' union all ')}`,
      [name, ...(ends.length > 0 ? [JSON.stringify(ends)] : [])],
    );
    const good = new Set(
      rows
        .filter(({ ended }) => ended)
        .map(({ id, retryCount }) => `${String(id)}:${String(retryCount)}`),
    );
    return {
      wasGood: ends.map(({ id, retry_count: attempt }) => good.has(`${id}:${attempt}`)),
      taken: rows.filter(({ ended }) => !ended) as unknown as TakenJob[],
    };
  }

  get #end(): Part {
    const { job, now } = this.#tables;
    return {
      with: `ended as (
         update ${job} j set state = 'completed', completed_on = ${now}, output = done.output
         from json_to_recordset($2::text::json) as done (id uuid, retry_count int, output jsonb)
         where j.name = $1 and j.id = done.id and j.retry_count = done.retry_count and j.state = 'active'
         returning j.id, j.retry_count
       )`,
      select: `select id::text, retry_count as "retryCount", null as data, null as "retryLimit",
        null as "heartbeatSeconds", null as "sourceOutput", true as ended from ended`,
    };
  }

  #take(wanted: number): Part {
    const { job, now } = this.#tables;
    return {
      with: `next as (
         select id from ${job} j
         where j.name = $1 and j.state < 'active' and not j.blocked and j.start_after <= ${now}
         order by j.priority desc, j.created_on limit ${wanted} for update skip locked
       ), taken as (
         update ${job} j set state = 'active', started_on = ${now}, heartbeat_on = ${now},
           retry_count = case when j.started_on is null then j.retry_count else j.retry_count + 1 end
         from next where j.name = $1 and j.id = next.id
         returning j.id, j.retry_count, j.data, j.retry_limit, j.heartbeat_seconds, j.${extras}
       )`,
      select: `select id::text, retry_count as "retryCount", data, retry_limit as "retryLimit",
        heartbeat_seconds as "heartbeatSeconds", ${extras} as "sourceOutput", false as ended from taken`,
    };
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

  readonly #fence =
    "where name = $1 and id = $2::uuid and retry_count = $3::int and state = 'active'";
}

function fenceValues(name: string, { id, retryCount }: JobAttempt): unknown[] {
  return [name, id, retryCount];
}
