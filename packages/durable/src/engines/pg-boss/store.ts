import type {
  BackendFeature,
  EnqueueBackendOptions,
  JobBackend,
  JobSpec,
  Lease,
  NewJob,
  OpenBackendOptions,
  Outcome,
  Settlement,
  Transaction,
} from '../../backend.ts';
import type { JobControl, JobLookup, JobRuns } from '../../backend-operations.ts';
import type { JobSchedules } from '../../backend-schedules.ts';
import { within } from '../../util/waiting.ts';
import { ErrorThrottle } from '../error-throttle.ts';
import { type Due, pollInterval, ReadyQueues } from '../ready-queues.ts';
import { insertMany } from './bulk.ts';
import type { Connection } from './connection.ts';
import { ClaimSql } from './claim-sql.ts';
import { Claims } from './claims.ts';
import { enqueueBatch } from './enqueue-batch.ts';
import { PgBossControl } from './control.ts';
import { PgBossLookup } from './lookup.ts';
import { PausedNames } from './paused-names.ts';
import { ensureQueue } from './ensure-queue.ts';
import { ensureTables } from './own-tables.ts';
import { Retention } from './retention.ts';
import { PgBossRuns } from './runs.ts';
import { PgBossSchedules } from './schedules.ts';
import { QueueSql } from './queue-sql.ts';
import { storeJob } from './storing.ts';
import { Tables } from './tables.ts';
import { Watch } from './watch.ts';

/** Time in ms that the last statements get. */
const endLimit = 2_000;

/** What there is once the store is open. */
interface Open {
  readonly connection: Connection;
  readonly names: readonly string[];
  readonly sql: QueueSql;
  readonly claims: Claims;
  /** Of jobs that are stored one by one. */
  readonly batch: ReturnType<typeof enqueueBatch>;
  readonly queues: ReadyQueues;
  readonly errors: ErrorThrottle;
  readonly schedules: JobSchedules;
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
  readonly #paused = new PausedNames();
  #listener: { close(): Promise<void> } | undefined;

  constructor(description: string, connect: (options: OpenBackendOptions) => Promise<Connection>) {
    this.description = description;
    this.#connect = connect;
  }

  get native(): unknown {
    return this.#open.connection.native;
  }

  readonly features: readonly BackendFeature[] = ['perKey', 'window', 'replace'];
  readonly schedules: JobSchedules = {
    replace: async (...args) => this.#open.schedules.replace(...args),
    enqueue: async (...args) => this.#open.schedules.enqueue(...args),
  };

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
    await ensureTables(db, schema, connection.migrates);
    const tables = new Tables(db, schema);
    const sql = new QueueSql(tables);
    const look = async (): Promise<Due[]> => {
      const { due } = await this.#paused.look(async () => sql.look(names));
      return due.filter(({ name }) => !this.#paused.has(name));
    };
    const queues = new ReadyQueues(names, { interval: pollInterval, look });
    const { report } = errors;
    const claims = new Claims(connection, { sql: new ClaimSql(tables), specs, report, queues });
    this.#opened = {
      connection,
      names,
      sql,
      claims,
      batch: enqueueBatch(async (jobs) => insertMany(connection, jobs, undefined)),
      queues,
      errors,
      schedules: new PgBossSchedules(connection),
      lookup: new PgBossLookup(tables, sql),
      control: new PgBossControl(tables, boss, (note) => this.#hear(note)),
      runs: new PgBossRuns(tables),
    };
    if (!options.work) return;
    const watch = new Watch({
      description: this.description,
      boss,
      tables,
      sql,
      names,
      report,
      onDied: (job) => options.onDied?.(job),
    });
    this.#watch = watch;
    this.#retention = new Retention(tables, specs, report);
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
    const { connection, batch, errors } = this.#open;
    const isPlain = tx === undefined && job.key === undefined;
    const sent = await (isPlain ? batch.add(job.name, job) : storeJob(connection, job, tx));
    errors.storeAnswered();
    return sent;
  }

  async enqueueMany(
    jobs: readonly NewJob[],
    { tx }: EnqueueBackendOptions = {},
  ): Promise<(string | null)[]> {
    const { connection, errors } = this.#open;
    const ids = await insertMany(connection, jobs, tx);
    errors.storeAnswered();
    return ids;
  }

  async claim(
    names: readonly string[],
    max: number,
    signal: AbortSignal,
    limits?: ReadonlyMap<string, number>,
  ): Promise<Lease[]> {
    const leases = await this.#take(names, max, signal, limits);
    if (leases.length > 0) return leases;
    await this.#open.queues.wait(names, signal);
    return this.#take(names, max, signal, limits);
  }

  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    return this.#open.claims.renew(leases);
  }

  async settle(lease: Lease, outcome: Outcome): Promise<boolean> {
    const { claims, queues } = this.#open;
    const wasGood = await claims.settle(lease, outcome);
    // The next job of its group may start, of which no notification comes.
    if (claims.hasGroups(lease.name)) queues.notify(lease.name);
    return wasGood;
  }

  async settleAndClaim(lease: Lease, outcome: Outcome): Promise<Settlement> {
    const { claims } = this.#open;
    const mayTake = !this.#paused.has(lease.name) && claims.hasMore(lease.name);
    if (outcome.kind === 'done' && mayTake) return claims.complete(lease, outcome.result);
    return { wasGood: await this.settle(lease, outcome) };
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
    const ending = Promise.allSettled([
      this.#listener?.close(),
      connection.boss.stop({ graceful: false, close: true }),
    ]);
    // A PGlite that hangs answers to both only when it is ended.
    await within(endLimit, ending);
    await connection.close();
    for (const end of await ending) if (end.status === 'rejected') throw end.reason;
  }

  get #open(): Open {
    if (this.#opened === undefined) throw new TypeError('The backend is not open');
    return this.#opened;
  }

  /** A notification: the name of a queue, or one of our own. */
  #hear(note: string): void {
    const [what = '', name] = note.split(':');
    if (name === undefined) return this.#open.queues.notify(note);
    this.#paused.hear(name, what === 'pause');
    if (what === 'resume') this.#open.queues.notify(name);
  }

  async #take(
    names: readonly string[],
    max: number,
    signal: AbortSignal,
    limits?: ReadonlyMap<string, number>,
  ): Promise<Lease[]> {
    const { queues, claims, errors } = this.#open;
    const take = async (name: string, wanted: number): Promise<Lease[]> => {
      if (this.#paused.has(name)) return [];
      const leases = await claims.take(name, wanted);
      errors.storeAnswered();
      return leases;
    };
    return queues.claim(names, max, signal, take, limits);
  }
}
