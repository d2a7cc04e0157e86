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
} from '../../backend.ts';
import {
  type BullmqJob,
  type BullmqModule,
  type BullmqQueue,
  type BullmqWorker,
  loadBullmq,
} from './types.ts';
import { attemptOf, endClaim, isExhausted, isLost } from './attempts.ts';
import { BullmqMarkers } from './markers.ts';
import { Outages } from '../error-throttle.ts';
import { pollInterval, ReadyQueues } from '../ready-queues.ts';
import { connectRedis, loadRedis, type Redis, type RedisOptions } from './redis.ts';
import { checkRedis } from './redis-check.ts';

// Two looks find a lock that ran out, and a look may be skipped for one of another process.
const stalledInterval = 2_500;

const keptStackTraces = 10;

/** Where 0 is no priority, which is before all that have one, and 1 the first of these. */
const lastPriority = 2_001;

/** One job name. */
interface NamedQueue {
  readonly spec: JobSpec;
  readonly queue: BullmqQueue;
  /** Only where this process works. */
  readonly worker: BullmqWorker | undefined;
}

/** The mark of one claim: its token is the value of the job's lock. */
interface Claim {
  readonly job: BullmqJob;
  readonly token: string;
}

/** Jobs in Redis, by BullMQ: the worker's side is its API for fetching jobs by hand. */
export class BullmqStore implements JobBackend {
  readonly #connection: string | RedisOptions;
  readonly #prefix: string;
  readonly #timeout: number;
  readonly #named = new Map<string, NamedQueue>();
  /** Names whose queue had as many jobs as were wanted, the last time. */
  readonly #plentiful = new Set<string>();
  #outages = new Outages(() => {});
  #ready = new ReadyQueues([]);
  #redis: Redis | undefined;
  #blocking: Redis | undefined;
  #markers: BullmqMarkers | undefined;

  constructor(connection: string | RedisOptions, prefix: string, timeout: number) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#timeout = timeout;
  }

  get native(): unknown {
    const queues = new Map([...this.#named].map(([name, { queue }]) => [name, queue]));
    return { queues, redis: this.#redis };
  }

  async open(specs: readonly JobSpec[], { work, onError }: OpenBackendOptions): Promise<void> {
    const bullmq = await loadBullmq();
    const module = await loadRedis();
    this.#outages = new Outages(onError);
    const { tell } = this.#outages;
    const redis = await connectRedis(module, this.#connection, this.#timeout, tell);
    this.#redis = redis;
    const warning = checkRedis(await redis.info());
    this.#ready = new ReadyQueues(specs.map(({ name }) => name));
    for (const spec of specs)
      this.#named.set(spec.name, this.#openQueue(bullmq, redis, spec, work));
    if (work) {
      this.#blocking = await connectRedis(
        module,
        this.#connection,
        this.#timeout,
        tell,
        pollInterval,
      );
      const names = [...this.#named].map(
        ([name, { queue }]) => [queue.toKey('marker'), name] as const,
      );
      this.#markers = new BullmqMarkers(redis, this.#blocking, new Map(names));
    }
    for (const { queue, worker } of this.#named.values()) {
      await queue.waitUntilReady();
      await worker?.waitUntilReady();
      await worker?.startStalledCheckTimer();
    }
    // Once whoever opened it can be told.
    if (warning !== undefined) setImmediate(tell, warning);
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
    const { queue, spec } = this.#of(name);
    const id = randomUUID();
    const job = await queue.add(name, payload, {
      jobId: id,
      attempts: spec.retries + 1,
      ...(spec.backoff > 0 && { backoff: { type: 'exponential', delay: spec.backoff } }),
      delay,
      priority: lastPriority - (priority + 1_000),
      ...(key !== undefined && { deduplication: { id: key } }),
      removeOnComplete: true,
      removeOnFail: false,
      stackTraceLimit: keptStackTraces,
    });
    this.#outages.over();
    // Else it is the one that has the key.
    return job.id === id ? id : null;
  }

  async claim(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]> {
    const leases = await this.#fetch(names, max, signal);
    if (leases.length > 0) return leases;
    await this.#markers?.wait(names, this.#ready, signal);
    return this.#fetch(names, max, signal);
  }

  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    const kept = await Promise.all(
      leases.map(async ({ name, ref }) => {
        const { job, token } = ref as Claim;
        return (await job.extendLock(token, this.#of(name).spec.leaseTime)) === 1;
      }),
    );
    return leases.filter((_, index) => kept[index] !== true);
  }

  async settle({ name, ref }: Lease, outcome: Outcome): Promise<boolean> {
    const { job, token } = ref as Claim;
    try {
      await endClaim(job, token, outcome);
    } catch (error) {
      if (isLost(error)) return false;
      throw error;
    }
    // BullMQ wakes nobody for a job with a priority, which all have.
    if (outcome.kind === 'release') await this.#markers?.wake(name);
    return true;
  }

  async depth(): Promise<Record<string, Depth>> {
    const counted = [...this.#named].map(async ([name, { queue }]) => {
      const counts = await queue.getJobCounts(
        'waiting',
        'prioritized',
        'delayed',
        'active',
        'failed',
      );
      const { waiting = 0, prioritized = 0, delayed = 0, active = 0, failed = 0 } = counts;
      return [name, { ready: waiting + prioritized + delayed, active, failed }] as const;
    });
    return Object.fromEntries(await Promise.all(counted));
  }

  async close(): Promise<void> {
    // First, so that a worker whose look for lost locks is cut off now does not wait to look again.
    const closing = [...this.#named.values()].map(async ({ queue, worker }) => {
      await worker?.close(true);
      await queue.close();
    });
    // No farewell: it would hang where Redis does.
    this.#redis?.disconnect();
    this.#blocking?.disconnect();
    await Promise.all(closing);
  }

  #openQueue(
    { Queue, Worker, createRedisBackend }: BullmqModule,
    redis: Redis,
    spec: JobSpec,
    work: boolean,
  ): NamedQueue {
    const shared = { connection: redis, prefix: this.#prefix, skipVersionCheck: true };
    const queue = new Queue(spec.name, shared);
    const worker = work
      ? new Worker(
          spec.name,
          null,
          {
            ...shared,
            lockDuration: spec.leaseTime,
            stalledInterval,
            // It must not fail a job by itself: a process that died counts as an attempt of the job.
            maxStalledCount: Number.MAX_SAFE_INTEGER,
          },
          // Without a connection to block on, one for each worker.
          (name, options) => createRedisBackend(name, options),
        )
      : undefined;
    queue.on('error', this.#outages.tell);
    worker?.on('error', this.#outages.tell);
    return { spec, queue, worker };
  }

  #of(name: string): NamedQueue {
    const named = this.#named.get(name);
    if (named === undefined) throw new TypeError(`No job named ${name} was opened`);
    return named;
  }

  async #fetch(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]> {
    return this.#ready.claim(names, max, signal, async (name, wanted) => this.#take(name, wanted));
  }

  /**
   * BullMQ lends one job at a time: asked for all at once where there were enough the last time, else for
   * more and more while there are any.
   */
  async #take(name: string, wanted: number): Promise<Lease[]> {
    const leases: Lease[] = [];
    const hadEnough = this.#plentiful.delete(name);
    for (let atOnce = hadEnough ? wanted : 1; leases.length < wanted; atOnce *= 2) {
      const count = Math.min(atOnce, wanted - leases.length);
      const taking = Array.from({ length: count }, async () => this.#takeOne(name));
      const results = await Promise.allSettled(taking);
      for (const result of results) {
        if (result.status === 'fulfilled' && typeof result.value === 'object') {
          leases.push(result.value);
        }
      }
      const failure = results.find((result) => result.status === 'rejected');
      if (failure !== undefined && leases.length === 0) throw failure.reason;
      if (failure !== undefined || results.some(isNothing)) return leases;
    }
    this.#plentiful.add(name);
    return leases;
  }

  async #takeOne(name: string): Promise<Lease | 'nothing' | 'exhausted'> {
    const token = randomUUID();
    const { worker } = this.#of(name);
    const job = await worker?.getNextJob(token, { block: false });
    this.#outages.over();
    if (job === undefined) return 'nothing';
    const { id = '', data: payload } = job;
    if (!isExhausted(job)) {
      return { id, name, payload, attempt: attemptOf(job), ref: { job, token } satisfies Claim };
    }
    const error = new Error(`Job ${name} ${id} failed for good: its process died in its last run`);
    await endClaim(job, token, { kind: 'fail', error, final: true });
    this.#outages.tell(error);
    return 'exhausted';
  }
}

function isNothing(result: PromiseSettledResult<unknown>): boolean {
  return result.status === 'fulfilled' && result.value === 'nothing';
}
