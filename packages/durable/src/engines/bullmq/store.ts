import type {
  Depth,
  EnqueueBackendOptions,
  JobBackend,
  JobSpec,
  Lease,
  NewJob,
  OpenBackendOptions,
  Outcome,
} from '../../backend.ts';
import { JobStoreError } from '../../errors.ts';
import type { JobControl, JobLookup, JobRuns } from '../../backend-operations.ts';
import { newJobId } from '../../new-job-id.ts';
import { ErrorThrottle } from '../error-throttle.ts';
import { loadEngine } from '../load-engine.ts';
import { pollInterval, ReadyQueues } from '../ready-queues.ts';
import { Claims } from './claims.ts';
import { findUnknownNames } from './known-names.ts';
import { Markers } from './markers.ts';
import { BullmqControl } from './control.ts';
import { BullmqJobs } from './jobs.ts';
import { BullmqLookup } from './lookup.ts';
import {
  closeQueue,
  createQueue,
  type NamedQueue,
  openQueue,
  type QueueSettings,
  startQueue,
} from './queues.ts';
import { removal } from './removal.ts';
import { Retention } from './retention.ts';
import { BullmqRuns } from './runs.ts';
import { connectRedis, type Redis, type RedisAccess } from './redis.ts';
import { checkRedis } from './redis-check.ts';
import type { BullmqModule, BullmqQueue } from './types.ts';

/** The stacks of so many runs are kept with a failed job. */
const keptStackTraces = 10;

/** BullMQ's number for our smallest priority, -1,000. There 0 is none, before all others, and 1 the largest. */
const lastPriority = 2_001;

/** Where the jobs are, and how to get there. */
export interface BullmqSettings extends Omit<RedisAccess, 'onError'> {
  /** The beginning of all keys. */
  readonly prefix: string;
  /** What to call the store in messages. */
  readonly description: string;
}

/** What there is once the store is open. */
interface Open {
  readonly redis: Redis;
  readonly claims: Claims;
  /** Missing in a process that only stores jobs. */
  readonly markers: Markers | undefined;
  readonly ready: ReadyQueues;
  readonly errors: ErrorThrottle;
  readonly lookup: JobLookup;
  readonly control: JobControl;
  readonly runs: JobRuns;
}

/** Jobs in Redis, by BullMQ. */
export class BullmqStore implements JobBackend {
  readonly #settings: BullmqSettings;
  readonly #queues = new Map<string, NamedQueue>();
  /** Of names that this process does not define, and that an operator has stopped. */
  readonly #others = new Map<string, BullmqQueue>();
  readonly #connections: Redis[] = [];
  #retention: Retention | undefined;
  #opened: Open | undefined;

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

  get lookup(): JobLookup {
    return this.#open.lookup;
  }

  get control(): JobControl {
    return this.#open.control;
  }

  get runs(): JobRuns {
    return this.#open.runs;
  }

  async open(specs: readonly JobSpec[], { work, onError }: OpenBackendOptions): Promise<void> {
    const bullmq = await loadBullmq();
    const errors = new ErrorThrottle(onError);
    const redis = await this.#connect(errors);
    const warnings = checkRedis(await redis.info());
    const settings = { redis, prefix: this.#settings.prefix, work, onError: errors.report };
    for (const spec of specs) this.#queues.set(spec.name, createQueue(bullmq, spec, settings));
    const jobs = new BullmqJobs(
      redis,
      this.#settings.prefix,
      specs.map(({ name }) => name),
    );
    if (work) this.#retention = new Retention(jobs, specs, errors.report);
    this.#opened = {
      redis,
      claims: new Claims(this.#queues, redis, errors),
      markers: work ? this.#markers(redis, await this.#connect(errors, pollInterval)) : undefined,
      ready: new ReadyQueues(specs.map(({ name }) => name)),
      errors,
      lookup: new BullmqLookup(jobs),
      control: new BullmqControl(jobs, {
        queueOf: (name) => this.#queueOf(name, bullmq, settings),
        wake: async (name) => this.#opened?.markers?.wake(name),
      }),
      runs: new BullmqRuns(jobs),
    };
    for (const queue of this.#queues.values()) await startQueue(queue);
    const { prefix } = this.#settings;
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

  async enqueue(
    { name, payload, key, delay = 0, priority = 0 }: NewJob,
    { tx }: EnqueueBackendOptions = {},
  ): Promise<string | null> {
    if (tx !== undefined) {
      throw new TypeError(
        'Redis cannot store a job in a transaction (`tx`): PGlite and PostgreSQL can',
      );
    }
    const named = this.#queues.get(name);
    if (named === undefined) throw new TypeError(`No job named ${name} was opened`);
    const { queue, spec } = named;
    const id = newJobId();
    const job = await queue.add(name, payload, {
      jobId: id,
      attempts: spec.retries + 1,
      ...(spec.backoff > 0 && { backoff: { type: 'exponential', delay: spec.backoff } }),
      delay,
      priority: lastPriority - (priority + 1_000),
      ...(key !== undefined && { deduplication: { id: key } }),
      ...removal(spec.keep),
      stackTraceLimit: keptStackTraces,
    });
    this.#open.errors.storeAnswered();
    // Another id is that of the job that has the key.
    return job.id === id ? id : null;
  }

  async claim(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]> {
    const { markers, ready } = this.#open;
    const leases = await this.#take(names, max, signal);
    if (leases.length > 0) return leases;
    await markers?.wait(names, ready, signal);
    return this.#take(names, max, signal);
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

  async depth(): Promise<Record<string, Depth>> {
    const depths = [...this.#queues].map(async ([name, named]) => {
      return [name, await depthOf(named)] as const;
    });
    return Object.fromEntries(await Promise.all(depths));
  }

  async close(): Promise<void> {
    this.#retention?.end();
    // First the queues: a look for lost locks that is cut off now must not be repeated.
    const closing = [...this.#queues.values()].map(async (queue) => closeQueue(queue));
    for (const queue of this.#others.values()) closing.push(queue.close());
    // Without QUIT, which would hang where Redis does.
    for (const redis of this.#connections) redis.disconnect();
    await Promise.all(closing);
  }

  get #open(): Open {
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

  #markers(redis: Redis, blocking: Redis): Markers {
    const names = [...this.#queues].map(
      ([name, { queue }]) => [queue.toKey('marker'), name] as const,
    );
    return new Markers(redis, blocking, new Map(names));
  }

  async #take(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]> {
    const { claims, ready } = this.#open;
    return ready.claim(names, max, signal, async (name, wanted) => claims.take(name, wanted));
  }
}

async function depthOf({ queue }: NamedQueue): Promise<Depth> {
  const counts = await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed');
  const { waiting = 0, prioritized = 0, delayed = 0, active = 0, failed = 0 } = counts;
  return { ready: waiting + prioritized + delayed, active, failed };
}

async function loadBullmq(): Promise<BullmqModule> {
  // The versions before 6 do not export it.
  return loadEngine('bullmq', '>=6.7.0 <7', async () => import('bullmq'), 'createRedisBackend');
}
