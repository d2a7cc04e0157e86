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
} from '../../backend.ts';
import { JobStoreError } from '../../errors.ts';
import type { JobControl, JobLookup, JobRuns } from '../../backend-operations.ts';
import type { JobSchedules } from '../../backend-schedules.ts';
import { ErrorThrottle } from '../error-throttle.ts';
import { pollInterval } from '../ready-queues.ts';
import { findUnknownNames } from './known-names.ts';
import { loadBullmq } from './load.ts';
import { StallChecks } from './stalls.ts';
import {
  closeQueue,
  createQueue,
  type NamedQueue,
  openQueue,
  type QueueSettings,
  startQueue,
} from './queues.ts';
import { createParts, type Parts } from './parts.ts';
import { Retention } from './retention.ts';
import { connectRedis, type Redis, type RedisAccess } from './redis.ts';
import { checkRedis, refuseReplica } from './redis-check.ts';
import type { BullmqModule, BullmqQueue } from './types.ts';

const noTransactions =
  'Redis cannot store a job in a transaction (`tx`): PGlite and PostgreSQL can';

/** Time in ms that a process may have waited for no marker, and still takes what it knows of at once. */
const longestDeaf = 100;

/** Where the jobs are, and how to get there. */
export interface BullmqSettings extends Omit<RedisAccess, 'onError'> {
  /** The beginning of all keys. */
  readonly prefix: string;
  /** What to call the store in messages. */
  readonly description: string;
}

/** Jobs in Redis, by BullMQ. */
export class BullmqStore implements JobBackend {
  readonly #settings: BullmqSettings;
  readonly #queues = new Map<string, NamedQueue>();
  /** Of names that this process does not define, and that an operator has stopped. */
  readonly #others = new Map<string, BullmqQueue>();
  readonly #connections: Redis[] = [];
  #retention: Retention | undefined;
  #stalls: StallChecks | undefined;
  #opened: Parts | undefined;
  /** When the last wait for markers ended, in ms of the monotonic clock. */
  #heardAt = -Infinity;

  constructor(settings: BullmqSettings) {
    this.#settings = settings;
  }

  get description(): string {
    return this.#settings.description;
  }

  get native(): unknown {
    const queues = new Map([...this.#queues].map(([name, { queue }]) => [name, queue]));
    return { queues, redis: this.#open.redis };
  }

  readonly features: readonly BackendFeature[] = ['rate', 'window', 'replace'];
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

  async open(
    specs: readonly JobSpec[],
    { work, onError, onDied }: OpenBackendOptions,
  ): Promise<void> {
    const bullmq = await loadBullmq();
    const errors = new ErrorThrottle(onError);
    const redis = await this.#connect(errors);
    const info = await redis.info();
    const warnings = checkRedis(info);
    if (specs.length > 0) refuseReplica(info);
    const { prefix } = this.#settings;
    const settings = { redis, prefix, work, onError: errors.report };
    for (const spec of specs) this.#queues.set(spec.name, createQueue(bullmq, spec, settings));
    const parts = createParts({
      bullmq,
      prefix,
      redis,
      blocking: work ? await this.#connect(errors, pollInterval) : undefined,
      queues: this.#queues,
      queueOf: (name) => this.#queueOf(name, bullmq, settings),
      connect: async (longest) => this.#connect(errors, longest),
      disconnect: (connection) => this.#disconnect(connection),
      errors,
      onDied: (job) => onDied?.(job),
    });
    this.#opened = parts;
    if (work) this.#retention = new Retention(parts.jobs, specs, errors.report);
    for (const queue of this.#queues.values()) await startQueue(queue, redis);
    if (work) this.#stalls = new StallChecks(redis, this.#queues, errors.report);
    const unknown = await findUnknownNames(
      redis,
      prefix,
      [...this.#queues.keys()],
      this.description,
    );
    if (work) unknown.forEach(errors.report);
    for (const warning of warnings) {
      errors.report(new JobStoreError(`${this.description} ${warning}`));
    }
  }

  async enqueue(job: NewJob, { tx }: EnqueueBackendOptions = {}): Promise<string | null> {
    if (tx !== undefined) throw new TypeError(noTransactions);
    const { storing, errors } = this.#open;
    const id = await storing.store(job);
    errors.storeAnswered();
    return id;
  }

  async enqueueMany(
    jobs: readonly NewJob[],
    { tx }: EnqueueBackendOptions = {},
  ): Promise<(string | null)[]> {
    if (tx !== undefined) throw new TypeError(noTransactions);
    const { storing, errors } = this.#open;
    const ids = await storing.storeMany(jobs);
    errors.storeAnswered();
    return ids;
  }

  async claim(
    names: readonly string[],
    max: number,
    signal: AbortSignal,
    limits?: ReadonlyMap<string, number>,
  ): Promise<Lease[]> {
    const { markers, ready } = this.#open;
    // Else a name that got its first job while all slots were taken, unheard, would have none of those that are free now.
    if (performance.now() - this.#heardAt > longestDeaf) await ready.lookIfDue();
    const leases = await this.#take(names, max, signal, limits);
    if (leases.length > 0) return leases;
    await markers?.wait(names, ready, signal);
    this.#heardAt = performance.now();
    return this.#take(names, max, signal, limits);
  }

  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    return this.#open.claims.renew(leases);
  }

  async settle(lease: Lease, outcome: Outcome): Promise<boolean> {
    const { claims, markers } = this.#open;
    const wasGood = await claims.settle(lease, outcome);
    // BullMQ sets no marker for a job with a priority, which all have.
    if (wasGood && outcome.kind === 'release') await markers?.wake(lease.name);
    return wasGood;
  }

  async settleAndClaim(lease: Lease, outcome: Outcome): Promise<Settlement> {
    const { claims, rates, ready } = this.#open;
    const mayTake = ready.isOnly(lease.name) && !rates.has(lease.name);
    if (outcome.kind === 'done' && mayTake) return claims.complete(lease, outcome);
    return { wasGood: await this.settle(lease, outcome) };
  }

  async close(): Promise<void> {
    this.#retention?.end();
    // First the queues: a look for lost locks that is cut off now must not be repeated.
    const closing = [...this.#queues.values()].map(async (queue) => closeQueue(queue));
    if (this.#stalls !== undefined) closing.push(this.#stalls.end());
    for (const queue of this.#others.values()) closing.push(queue.close());
    // Without QUIT, which would hang where Redis does.
    for (const redis of this.#connections) redis.disconnect();
    await Promise.all(closing);
  }

  get #open(): Parts {
    if (this.#opened === undefined) throw new TypeError('The backend is not open');
    return this.#opened;
  }

  #queueOf(name: string, bullmq: BullmqModule, settings: QueueSettings): BullmqQueue {
    const known = this.#queues.get(name)?.queue ?? this.#others.get(name);
    if (known !== undefined) return known;
    const other = openQueue(bullmq, name, settings);
    this.#others.set(name, other);
    return other;
  }

  async #connect(errors: ErrorThrottle, blocking?: number): Promise<Redis> {
    const redis = await connectRedis({ ...this.#settings, onError: errors.report }, blocking);
    this.#connections.push(redis);
    return redis;
  }

  #disconnect(connection: Redis): void {
    this.#connections.splice(this.#connections.indexOf(connection), 1);
    connection.disconnect();
  }

  async #take(
    names: readonly string[],
    max: number,
    signal: AbortSignal,
    limits?: ReadonlyMap<string, number>,
  ): Promise<Lease[]> {
    const { claims, rates, ready } = this.#open;
    const fetch = async (name: string, wanted: number): Promise<Lease[]> =>
      claims.take(name, wanted);
    const take = async (name: string, wanted: number): Promise<Lease[]> =>
      rates.take(name, wanted, fetch);
    return ready.claim(names, max, signal, take, limits);
  }
}
