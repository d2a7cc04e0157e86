import type { Db } from './types.ts';

// What pg-boss does not offer is done in its tables, by the files that use this one: all that depends on how the tables
// look is in them, and the conformance tests of both stores run it.

/** What is ours in the queues of pg-boss, besides those of jobs: no job can have such a name. */
const ours = 'outlive/';

/** The queue whose jobs say which names are stopped. */
export const pausedQueue: string = `${ours}paused`;

/** An expression: the channel on which pg-boss notifies of each job of a schema that is ready at once. */
export function channelOf(schema: string): string {
  return `('pgboss_' || left(encode(sha224('${schema.replaceAll('"', '')}'::bytea), 'hex'), 24))`;
}

/** The tables of one schema. */
export class Tables {
  readonly job: string;
  readonly queue: string;
  /** The type of a state. */
  readonly jobState: string;
  /** An expression: the time by which jobs go. */
  readonly now: string;
  /** An expression: the channel on which pg-boss notifies of each job that is ready at once. */
  readonly channel: string;
  readonly #db: Db;

  constructor(db: Db, schema: string) {
    this.#db = db;
    this.job = `${schema}.job`;
    this.queue = `${schema}.queue`;
    this.jobState = `${schema}.job_state`;
    this.now = `${schema}.job_now()`;
    this.channel = channelOf(schema);
  }

  async query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    const { rows } = await this.#db.executeSql(text, values);
    return rows as Record<string, unknown>[];
  }

  /** Tells all processes: the name of a queue that has jobs, or a note of our own. */
  async notify(text: string): Promise<void> {
    await this.query(`select pg_notify(${this.channel}, $1::text)`, [text]);
  }

  /** A source of rows: each job as `j`, and its queue as `q`. So a job is found by its id alone: the key is (name, id). */
  get jobsByQueue(): string {
    return `${this.queue} q join ${this.job} j on j.name = q.name`;
  }

  /** A condition: the queue `q` holds jobs. */
  readonly isJobQueue: string = `q.name not like '${ours}%'`;
}

/**
 * A column that pg-boss copies along in all that it does with a job, and uses for jobs in dead letter queues alone: here it
 * holds `{ process, progress, cancel }`, whichever there are.
 */
export const extras = 'source_output';

/** What pg-boss says of a job whose lease ran out. */
export const leaseEnds: readonly string[] = ['job heartbeat timeout', 'job timed out'];

/** A condition: the job is to end although it runs. */
export function isCancelled(table: string): string {
  return `(${table}.${extras} -> 'cancel' is not null)`;
}

/** An expression: its extras, of a job that has ended by a cancellation. A dashboard may let it go on. */
export function withoutCancel(table: string): string {
  return `case when ${isCancelled(table)} then ${table}.${extras} - 'cancel' else ${table}.${extras} end`;
}

/** The ids that may be in the tables, as they are there: another text is no UUID, and no statement would take it. */
export function uuids(ids: readonly string[]): string[] {
  return ids.filter((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id));
}
