import { randomUUID } from 'node:crypto';
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
import { describeError } from '../describe-error.ts';
import { Outages } from '../error-throttle.ts';
import type { Attempt, PgBoss } from './types.ts';
import { queueOptions } from './settings.ts';
import { PgBossSql } from './sql.ts';
import { ReadyQueues } from '../ready-queues.ts';
import { SettleBatch } from './settle-batch.ts';

const policy = 'exclusive';

/** A started pg-boss, and what belongs to it. */
export interface Connection {
  readonly boss: PgBoss;
  readonly schema: string;
  /** The backend's `native`. */
  readonly native: unknown;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Ends what is not pg-boss's own. */
  close(): Promise<void>;
}

/** What PGlite and PostgreSQL have in common. */
export class PgBossBackend implements JobBackend {
  readonly #connect: (options: OpenBackendOptions) => Promise<Connection>;
  #queues = new ReadyQueues([]);
  #outages = new Outages(() => {});
  readonly #done = new SettleBatch(async (name, leases) =>
    settled(await this.#boss.complete(name, attempts(leases)), leases),
  );
  #names: string[] = [];
  #connection: Connection | undefined;
  #sql: PgBossSql | undefined;
  #listening: { close(): Promise<void> } | undefined;

  constructor(connect: (options: OpenBackendOptions) => Promise<Connection>) {
    this.#connect = connect;
  }

  get native(): unknown {
    return this.#open.native;
  }

  get #open(): Connection {
    if (this.#connection === undefined) throw new TypeError('The backend is not open');
    return this.#connection;
  }

  get #boss(): PgBoss {
    return this.#open.boss;
  }

  async open(specs: readonly JobSpec[], options: OpenBackendOptions): Promise<void> {
    this.#outages = new Outages(options.onError);
    this.#connection = await this.#connect({ ...options, onError: this.#outages.tell });
    this.#names = specs.map(({ name }) => name);
    this.#queues = new ReadyQueues(this.#names);
    for (const spec of specs) await this.#ensureQueue(spec);
    const db = this.#boss.getDb();
    this.#sql = new PgBossSql(db, this.#connection.schema);
    if (!options.work) return;
    this.#listening = await db.listen?.(
      await this.#sql.channel(),
      (name) => this.#queues.notify(name),
      () => this.#queues.notifyAll(),
    );
  }

  async enqueue(job: NewJob, { tx }: EnqueueBackendOptions = {}): Promise<string | null> {
    const { name, payload, delay = 0, priority = 0 } = job;
    const id = randomUUID();
    const sent = await this.#boss.send(
      name,
      { payload },
      {
        id,
        // In a queue of this policy two jobs without a key would be two with the same.
        singletonKey: job.key === undefined ? id : `key:${job.key}`,
        priority,
        // A string of digits is an interval in seconds; fractions are allowed there.
        ...(delay > 0 && { startAfter: String(delay / 1_000) }),
        ...(tx !== undefined && {
          db: { executeSql: async (text: string, values?: unknown[]) => tx.query(text, values) },
        }),
      },
    );
    this.#outages.over();
    return sent;
  }

  async claim(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]> {
    const leases = await this.#fetch(names, max, signal);
    if (leases.length > 0) return leases;
    await this.#queues.wait(names, signal);
    return this.#fetch(names, max, signal);
  }

  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    const lost = await Promise.all(
      this.#names.map(async (name) => {
        const group = leases.filter((lease) => lease.name === name);
        if (group.length === 0) return [];
        const kept = settled(await this.#boss.touch(name, attempts(group)), group);
        return group.filter((lease) => !kept.has(lease));
      }),
    );
    return lost.flat();
  }

  async settle(lease: Lease, outcome: Outcome): Promise<boolean> {
    switch (outcome.kind) {
      case 'done':
        return this.#done.add(lease);
      case 'release':
        return (this.#sql as PgBossSql).release(lease);
      case 'fail': {
        if (outcome.final === true) await this.#sql?.denyRetries(lease);
        const output = describeError(outcome.error);
        const { affected } = await this.#boss.fail(lease.name, attempts([lease]), output);
        return affected === 1;
      }
      default:
        return outcome satisfies never;
    }
  }

  async depth(): Promise<Record<string, Depth>> {
    return (this.#sql as PgBossSql).depth(this.#names);
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#open.transaction(work);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    // At once: where the database does not answer, each takes its whole timeout.
    const ends = await Promise.allSettled([
      this.#listening?.close(),
      connection.boss.stop({ graceful: false, close: true }),
    ]);
    await connection.close();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #fetch(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]> {
    return this.#queues.claim(names, max, signal, async (name, wanted) => {
      const jobs = await this.#boss.fetch(name, { batchSize: wanted });
      this.#outages.over();
      return jobs.map(({ id, data, retryCount }) => {
        const { payload } = data as { payload: unknown };
        return { id, name, payload, attempt: retryCount + 1, ref: { id, retryCount } };
      });
    });
  }

  async #ensureQueue(spec: JobSpec): Promise<void> {
    const { name } = spec;
    const options = queueOptions(spec);
    await this.#boss.createQueue(name, { ...options, policy });
    await this.#boss.updateQueue(name, options);
    const queue = await this.#boss.getQueue(name);
    if (queue?.policy !== policy) {
      throw new TypeError(`The queue ${name} exists already, and was not made by Outlive`);
    }
  }
}

function attempts(leases: readonly Lease[]): Attempt[] {
  return leases.map(({ ref }) => ref as Attempt);
}

/** The leases that a statement has met. */
function settled(
  result: { affected: number; settled?: string[] | undefined },
  leases: readonly Lease[],
): ReadonlySet<Lease> {
  const ids = new Set(result.settled ?? (result.affected === 0 ? [] : leases.map(({ id }) => id)));
  // Of two claims of one job, only the later can have been good still.
  const latest = new Map<string, Lease>();
  for (const lease of leases) {
    if (lease.attempt >= (latest.get(lease.id)?.attempt ?? 0)) latest.set(lease.id, lease);
  }
  return new Set([...latest.values()].filter(({ id }) => ids.has(id)));
}
