import type {
  Depth,
  EnqueueBackendOptions,
  JobBackend,
  JobSpec,
  Lease,
  NewJob,
  OpenBackendOptions,
  Outcome,
  Transaction,
} from '../../backend.ts';
import type { JobControl, JobLookup, JobRuns } from '../../backend-operations.ts';
import { newJobId } from '../../new-job-id.ts';
import { ErrorThrottle } from '../error-throttle.ts';
import { type Due, ReadyQueues } from '../ready-queues.ts';
import { inCallersTransaction } from './caller-transaction.ts';
import { Claims } from './claims.ts';
import { queueOptions } from './settings.ts';
import { PgBossControl } from './control.ts';
import { PgBossLookup } from './lookup.ts';
import { Retention } from './retention.ts';
import { PgBossRuns } from './runs.ts';
import { PgBossSql } from './sql.ts';
import { Tables } from './tables.ts';
import type { PgBoss } from './types.ts';
import { Watch } from './watch.ts';

/** Time in ms between two looks for jobs whose time has come. */
const pollInterval = 1_000;

/** At most one job of a key that waits or runs (https://pgboss.io/api/queues). */
const policy = 'exclusive';

/** A started pg-boss, and what belongs to it. */
export interface Connection {
  readonly boss: PgBoss;
  readonly schema: string;
  /** The backend's `native`. */
  readonly native: unknown;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Closes what is not pg-boss's own. */
  close(): Promise<void>;
}

/** What there is once the store is open. */
interface Open {
  readonly connection: Connection;
  readonly names: readonly string[];
  readonly sql: PgBossSql;
  readonly claims: Claims;
  readonly queues: ReadyQueues;
  readonly errors: ErrorThrottle;
  readonly lookup: JobLookup;
  readonly control: JobControl;
  readonly runs: JobRuns;
}

/** Jobs in the tables of pg-boss: what PGlite and PostgreSQL have in common. */
export class PgBossStore implements JobBackend {
  readonly description: string;
  readonly #connect: (options: OpenBackendOptions) => Promise<Connection>;
  #connection: Connection | undefined;
  #opened: Open | undefined;
  #watch: Watch | undefined;
  #retention: Retention | undefined;
  /** The names that are stopped, as of the last look or notification. */
  #paused: ReadonlySet<string> = new Set();
  #listener: { close(): Promise<void> } | undefined;

  constructor(description: string, connect: (options: OpenBackendOptions) => Promise<Connection>) {
    this.description = description;
    this.#connect = connect;
  }

  get native(): unknown {
    return this.#open.connection.native;
  }

  get lookup(): JobLookup {
    return this.#open.lookup;
  }

  get control(): JobControl {
    return this.#open.control;
  }

  get runs(): JobRuns {
    return this.#open.runs;
  }

  async open(specs: readonly JobSpec[], options: OpenBackendOptions): Promise<void> {
    const errors = new ErrorThrottle(options.onError);
    const connection = await this.#connect({ ...options, onError: errors.report });
    this.#connection = connection;
    const { boss, schema } = connection;
    const names = specs.map(({ name }) => name);
    for (const spec of specs) await ensureQueue(boss, spec);
    const db = boss.getDb();
    const tables = new Tables(db, schema);
    const sql = new PgBossSql(tables);
    const look = async (): Promise<Due[]> => {
      this.#paused = new Set(await sql.paused());
      return sql.due(names);
    };
    const queues = new ReadyQueues(names, { interval: pollInterval, look });
    const claims = new Claims(boss, sql, errors.report);
    this.#opened = {
      connection,
      names,
      sql,
      claims,
      queues,
      errors,
      lookup: new PgBossLookup(tables, sql),
      control: new PgBossControl(tables, boss, (note) => this.#hear(note)),
      runs: new PgBossRuns(tables),
    };
    if (!options.work) return;
    const watch = new Watch({
      description: this.description,
      sql,
      names,
      report: errors.report,
    });
    this.#watch = watch;
    this.#retention = new Retention(tables, specs, errors.report);
    this.#listener = await db.listen?.(
      await sql.channel(),
      (note) => {
        if (!watch.takes(note)) this.#hear(note);
      },
      () => queues.notifyAll(),
    );
    if (this.#listener !== undefined) await watch.checkNotifications();
  }

  async enqueue(job: NewJob, { tx }: EnqueueBackendOptions = {}): Promise<string | null> {
    const { connection, errors } = this.#open;
    const { name, payload, delay = 0, priority = 0 } = job;
    const id = newJobId();
    const sent = await connection.boss.send(
      name,
      { payload },
      {
        id,
        // In a queue of this policy two jobs without a key would have the same one.
        singletonKey: job.key === undefined ? id : `key:${job.key}`,
        priority,
        // A string of digits is an interval in seconds; fractions are allowed there.
        ...(delay > 0 && { startAfter: String(delay / 1_000) }),
        ...(tx !== undefined && { db: inCallersTransaction(tx) }),
      },
    );
    errors.storeAnswered();
    return sent;
  }

  async claim(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]> {
    const leases = await this.#take(names, max, signal);
    if (leases.length > 0) return leases;
    await this.#open.queues.wait(names, signal);
    return this.#take(names, max, signal);
  }

  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    return this.#open.claims.renew(leases);
  }

  async settle(lease: Lease, outcome: Outcome): Promise<boolean> {
    return this.#open.claims.settle(lease, outcome);
  }

  async depth(): Promise<Record<string, Depth>> {
    return this.#open.sql.depth(this.#open.names);
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#open.connection.transaction(work);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#watch?.end();
    this.#retention?.end();
    if (connection === undefined) return;
    // Both at once: where the database does not answer, each takes its whole timeout.
    const ends = await Promise.allSettled([
      this.#listener?.close(),
      connection.boss.stop({ graceful: false, close: true }),
    ]);
    await connection.close();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  get #open(): Open {
    if (this.#opened === undefined) throw new TypeError('The backend is not open');
    return this.#opened;
  }

  /** A notification: the name of a queue, or one of our own. */
  #hear(note: string): void {
    const [what = '', name] = note.split(':');
    if (name === undefined) return this.#open.queues.notify(note);
    const others = [...this.#paused].filter((each) => each !== name);
    this.#paused = new Set(what === 'pause' ? [...others, name] : others);
    if (what === 'resume') this.#open.queues.notify(name);
  }

  async #take(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]> {
    const { queues, claims, errors } = this.#open;
    return queues.claim(names, max, signal, async (name, wanted) => {
      if (this.#paused.has(name)) return [];
      const leases = await claims.take(name, wanted);
      errors.storeAnswered();
      return leases;
    });
  }
}

async function ensureQueue(boss: PgBoss, spec: JobSpec): Promise<void> {
  const { name } = spec;
  const options = queueOptions(spec);
  await boss.createQueue(name, { ...options, policy });
  await boss.updateQueue(name, options);
  const queue = await boss.getQueue(name);
  if (queue?.policy !== policy) {
    throw new TypeError(`The queue ${name} exists already, and was not made by Outlive`);
  }
}
