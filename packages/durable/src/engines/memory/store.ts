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
import { diedJob } from '../lost-jobs.ts';
import { Waiters } from '../../util/waiters.ts';

/** Time in ms that a claim waits for a job. */
const claimWait = 1_000;
/** Time in ms between two looks for delays, retries and leases that are over. */
const pollInterval = 50;

interface MemoryJob {
  readonly id: string;
  readonly spec: JobSpec;
  /** As JSON, so that every run gets a copy. */
  readonly payload: string;
  readonly key: string | undefined;
  readonly priority: number;
  state: 'ready' | 'active' | 'failed';
  attempt: number;
  /** Epoch ms. */
  readyAt: number;
  /** Epoch ms. */
  leasedUntil: number;
  /** The claim that holds it. */
  ref: object | undefined;
}

/** Jobs in a map. Its order is that in which they were stored. */
export class MemoryStore implements JobBackend {
  readonly description = 'The memory of this process';
  readonly #specs = new Map<string, JobSpec>();
  readonly #jobs = new Map<string, MemoryJob>();
  /** The claims that wait for a job. */
  readonly #claims = new Waiters();
  #onDied: (job: MemoryJob) => void = () => undefined;

  async open(
    specs: readonly JobSpec[],
    { onError, onDied }: Partial<OpenBackendOptions> = {},
  ): Promise<void> {
    this.#onDied = (job) => {
      const { id, spec, attempt } = job;
      const error = diedJob(spec.name, id);
      onError?.(error);
      onDied?.({ id, name: spec.name, payload: JSON.parse(job.payload), attempt, error });
    };
    for (const spec of specs) this.#specs.set(spec.name, spec);
  }

  async enqueue(job: NewJob, { tx }: EnqueueBackendOptions = {}): Promise<string | null> {
    const { name, payload, key, delay = 0, priority = 0 } = job;
    if (tx !== undefined) throw new TypeError('The memory has no transactions (`tx`)');
    const spec = this.#specs.get(name);
    if (spec === undefined) throw new TypeError(`No job named ${name} was opened`);
    if (key !== undefined && this.#isTaken(name, key)) return null;
    const id = randomUUID();
    this.#jobs.set(id, {
      id,
      spec,
      key,
      priority,
      payload: JSON.stringify(payload),
      state: 'ready',
      attempt: 0,
      readyAt: Date.now() + delay,
      leasedUntil: 0,
      ref: undefined,
    });
    this.#claims.wake();
    return id;
  }

  async enqueueMany(
    jobs: readonly NewJob[],
    options?: EnqueueBackendOptions,
  ): Promise<(string | null)[]> {
    // Each call does its work before it returns.
    return Promise.all(jobs.map(async (job) => this.enqueue(job, options)));
  }

  async claim(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]> {
    const until = Date.now() + claimWait;
    for (;;) {
      const leases = signal.aborted ? [] : this.#take(names, max);
      const left = until - Date.now();
      if (leases.length > 0 || signal.aborted || left <= 0) return leases;
      await this.#claims.wait(Math.min(left, pollInterval), signal);
    }
  }

  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    return leases.filter((lease) => {
      const job = this.#leased(lease);
      if (job !== undefined) job.leasedUntil = Date.now() + job.spec.leaseTime;
      return job === undefined;
    });
  }

  async settle(lease: Lease, outcome: Outcome): Promise<boolean> {
    const job = this.#leased(lease);
    if (job === undefined) return false;
    switch (outcome.kind) {
      case 'done':
        this.#jobs.delete(job.id);
        break;
      case 'fail':
        endAttempt(job, outcome.delay);
        if (outcome.final === true) job.state = 'failed';
        break;
      case 'release':
        job.ref = undefined;
        job.state = 'ready';
        job.attempt -= 1;
        job.readyAt = 0;
        break;
      default:
        outcome satisfies never;
    }
    this.#claims.wake();
    return true;
  }

  async depth(): Promise<Record<string, Depth>> {
    this.#expireLeases();
    const jobs = [...this.#jobs.values()];
    const depths = [...this.#specs.keys()].map((name) => {
      const count = (state: MemoryJob['state']): number =>
        jobs.filter((job) => job.spec.name === name && job.state === state).length;
      const depth = { ready: count('ready'), active: count('active'), failed: count('failed') };
      return [name, depth] as const;
    });
    return Object.fromEntries(depths);
  }

  async close(): Promise<void> {
    this.#claims.wake();
  }

  #take(names: readonly string[], max: number): Lease[] {
    this.#expireLeases();
    const now = Date.now();
    return [...this.#jobs.values()]
      .filter(({ state, readyAt }) => state === 'ready' && readyAt <= now)
      .filter(({ spec }) => names.includes(spec.name))
      .toSorted((a, b) => b.priority - a.priority)
      .slice(0, max)
      .map((job) => lend(job, now));
  }

  #isTaken(name: string, key: string): boolean {
    this.#expireLeases();
    return [...this.#jobs.values()].some(
      (job) => job.key === key && job.spec.name === name && job.state !== 'failed',
    );
  }

  /** The job that a lease is for, if it still is. */
  #leased({ id, ref }: Lease): MemoryJob | undefined {
    this.#expireLeases();
    const job = this.#jobs.get(id);
    return job?.ref === ref ? job : undefined;
  }

  #expireLeases(): void {
    const now = Date.now();
    for (const job of this.#jobs.values()) {
      if (job.state !== 'active' || job.leasedUntil > now) continue;
      if (endAttempt(job) === 'failed') this.#onDied(job);
    }
  }
}

function lend(job: MemoryJob, now: number): Lease {
  const ref = {};
  job.ref = ref;
  job.state = 'active';
  job.attempt += 1;
  job.leasedUntil = now + job.spec.leaseTime;
  const { id, spec, payload, attempt } = job;
  const { name, retries, leaseTime } = spec;
  return { id, name, payload: JSON.parse(payload), attempt, attempts: retries + 1, leaseTime, ref };
}

/** Leaves a job to its next attempt, if there is any left. */
function endAttempt(
  job: MemoryJob,
  delay = job.spec.backoff * 2 ** (job.attempt - 1),
): 'ready' | 'failed' {
  job.ref = undefined;
  const state = job.attempt <= job.spec.retries ? 'ready' : 'failed';
  job.state = state;
  job.readyAt = Date.now() + delay;
  return state;
}
