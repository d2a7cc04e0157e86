import type { JobLookup, JobQuery } from '../../backend-operations.ts';
import type { Depth } from '../../depth.ts';
import {
  isEnd,
  type StoredError,
  type StoredJob,
  type StoredJobPage,
  type StoredJobState,
} from '../../stored-job.ts';
import { badCursor, decodeCursor, encodeCursor } from '../cursor.ts';
import { describeError } from '../describe-error.ts';
import { diedRun } from '../lost-jobs.ts';
import type { QueueSql } from './queue-sql.ts';
import { extras, isCancelled, leaseEnds, type Tables, uuids } from './tables.ts';

/** Looks jobs up in the tables of pg-boss. */
export class PgBossLookup implements JobLookup {
  readonly #tables: Tables;
  readonly #sql: QueueSql;

  constructor(tables: Tables, sql: QueueSql) {
    this.#tables = tables;
    this.#sql = sql;
  }

  async get(id: string): Promise<StoredJob | undefined> {
    const [uuid] = uuids([id]);
    if (uuid === undefined) return undefined;
    const [row] = await this.#tables.query(
      `select ${this.#columns} from ${this.#tables.jobsByQueue}
       where ${this.#tables.isJobQueue} and j.id = $1::uuid`,
      [uuid],
    );
    return row && toStored(row);
  }

  /** Each queue gives its newest jobs, by an index, and of those the newest are taken. */
  async list({ name, state, limit, after }: JobQuery): Promise<StoredJobPage> {
    const [micros, id] = after === undefined ? [] : decodeCursor(after);
    if (id !== undefined && uuids([id]).length === 0) throw badCursor(after ?? '');
    const rows = await this.#tables.query(
      `select newest.* from ${this.#tables.queue} q, lateral (
         select ${this.#columns} from ${this.#tables.job} j
         where j.name = q.name and ${state === undefined ? 'true' : this.#isIn(state)}
           and ($2::text is null or (j.created_on, j.id) <
             (timestamptz 'epoch' + $2::text::bigint * interval '1 microsecond', $3::uuid))
         order by j.created_on desc, j.id desc limit $4::int
       ) as newest
       where ${this.#tables.isJobQueue} and ($1::text is null or q.name = $1)
       order by newest.micros desc, newest.id desc limit $4::int`,
      [name ?? null, micros ?? null, id ?? null, limit + 1],
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next =
      rows.length > limit && last !== undefined
        ? encodeCursor(String(last['micros']), String(last['id']))
        : undefined;
    return { jobs: page.map(toStored), ...(next !== undefined && { next }) };
  }

  async depth(): Promise<Record<string, Depth>> {
    const rows = await this.#tables.query(
      `select q.name from ${this.#tables.queue} q where ${this.#tables.isJobQueue} order by q.name`,
    );
    const names = new Set(rows.map(({ name }) => String(name)));
    for (const name of await this.#sql.pausedNames()) names.add(name);
    return this.#sql.depth([...names].toSorted());
  }

  async ended(ids: readonly string[]): Promise<string[]> {
    const rows = await this.#tables.query(
      `select j.id::text as id from ${this.#tables.jobsByQueue}
       where j.id = any($1::uuid[]) and j.state <= 'active'`,
      [uuids(ids)],
    );
    const live = new Set(rows.map(({ id }) => String(id)));
    return ids.filter((id) => !live.has(id));
  }

  /** A condition: with the engine's own state as it is, for the index of jobs that are to run, run or failed. */
  #isIn(state: StoredJobState): string {
    switch (state) {
      case 'running':
        return "j.state = 'active'";
      case 'completed':
        return "j.state = 'completed'";
      case 'failed':
        return `j.state = 'failed' and not ${isCancelled('j')}`;
      case 'cancelled':
        return `(j.state = 'cancelled' or j.state = 'failed' and ${isCancelled('j')})`;
      case 'waiting':
      case 'delayed':
      case 'retrying':
        return `j.state in ('created', 'retry') and ${this.#state} = '${state}'`;
      default:
        return state satisfies never;
    }
  }

  get #state(): string {
    // One that died while it was being cancelled: pg-boss has failed it a moment ago.
    return `case
      when j.state = 'failed' and ${isCancelled('j')} then 'cancelled'
      when j.state in ('completed', 'failed', 'cancelled') then j.state::text
      when j.state = 'active' then 'running'
      when j.retry_count > 0 or j.started_on is not null then 'retrying'
      when j.start_after > ${this.#tables.now} then 'delayed'
      else 'waiting' end`;
  }

  get #columns(): string {
    return `j.id, j.name, ${this.#state} as state, j.data, j.output, j.${extras} as extras,
      j.retry_count + (case when j.started_on is null then 0 else 1 end) as attempt,
      (extract(epoch from j.created_on) * 1000000)::bigint::text as micros,
      ${epoch('j.started_on')} as started, ${epoch('j.completed_on')} as ended,
      case when j.state < 'active' and j.start_after > ${this.#tables.now} then ${epoch('j.start_after')} end as due`;
  }
}

/** An expression: a time in epoch ms. */
function epoch(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::float8`;
}

interface Extras {
  readonly progress?: unknown;
  readonly process?: string;
}

function toStored(row: Record<string, unknown>): StoredJob {
  const { id, name, attempt, data, output, extras: more, micros, started, ended, due } = row;
  const state = row['state'] as StoredJobState;
  const { progress, process } = (more ?? {}) as Extras;
  const error = state === 'completed' ? undefined : toError(output);
  return {
    id: String(id),
    name: String(name),
    state,
    attempt: Number(attempt),
    payload: hasKey(data, 'payload') ? data.payload : data,
    ...(state === 'completed' && hasKey(output, 'result') && { result: output.result }),
    ...(error !== undefined && { error }),
    ...(progress !== undefined && { progress }),
    createdAt: Math.trunc(Number(micros) / 1_000),
    ...(started !== null && { startedAt: Math.trunc(Number(started)) }),
    ...(ended !== null && isEnd(state) && { endedAt: Math.trunc(Number(ended)) }),
    ...(due !== null && { runAt: Math.ceil(Number(due)) }),
    ...(process !== undefined && { process }),
  };
}

/** What somebody else has failed it with may be anything. */
function toError(output: unknown): StoredError | undefined {
  if (output === null) return undefined;
  // So pg-boss stores what is no object, and what it says itself.
  const value = hasKey(output, 'value') ? output.value : output;
  if (isLeaseEnd(value)) {
    const { name, message } = diedRun();
    return { name, message };
  }
  return describeError(typeof value === 'string' ? { message: value } : value);
}

function isLeaseEnd(value: unknown): boolean {
  return hasKey(value, 'message') && leaseEnds.includes(String(value.message));
}

function hasKey<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && key in value;
}
