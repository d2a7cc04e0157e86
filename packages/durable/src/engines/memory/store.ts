import type {
  BackendFeature,
  EnqueueBackendOptions,
  JobBackend,
  JobSpec,
  Lease,
  NewJob,
  OpenBackendOptions,
  Outcome,
  StoreClock,
} from '../../backend.ts';
import { expected } from '@outlive/core/internal';
import { diedJob } from '../lost-jobs.ts';
import type { JobControl, JobLookup, JobRuns } from '../../backend-operations.ts';
import type { JobSchedules } from '../../backend-schedules.ts';
import type { DefinedJob } from '../../job-definition.ts';
import { Waiters } from '../../util/waiters.ts';
import { describeError } from '../describe-error.ts';
import { memoryControl } from './control.ts';
import { MemoryJobs } from './jobs.ts';
import { memoryLookup } from './lookup.ts';
import { MemoryKeys } from './keys.ts';
import { MemoryTurns } from './turns.ts';
import { MemorySchedules } from './schedules.ts';
import { end, endAttempt, lend, type MemoryJob, newJob } from './memory-job.ts';

import { MemoryTesting, type RunPendingOptions } from './testing.ts';

/** Time in ms that a claim waits for a job. */
const claimWait = 1_000;
/** Time in ms between two looks for delays, retries and leases that are over. */
const pollInterval = 50;

/** Jobs in a map. */
export class MemoryStore implements JobBackend {
  readonly description = 'The memory of this process';
  readonly #specs = new Map<string, JobSpec>();
  readonly #jobs = new MemoryJobs();
  readonly clock: StoreClock = this.#jobs.clock;
  readonly schedules: JobSchedules = new MemorySchedules(async (job) => this.enqueue(job));
  readonly features: readonly BackendFeature[] = ['perKey', 'rate', 'window', 'replace'];
  readonly #unique = new MemoryKeys(this.#jobs);
  readonly #turns = new MemoryTurns(this.#jobs);
  /** The claims that wait for a job. */
  readonly #claims = new Waiters();
  readonly lookup: JobLookup = memoryLookup(this.#jobs);
  readonly #testing = new MemoryTesting(this.#jobs, this.#turns, this.#claims);
  readonly control: JobControl = memoryControl(this.#jobs, () => this.#claims.wake());
  readonly runs: JobRuns = {
    progress: async (lease, value) => {
      const job = this.#leased(lease);
      if (job !== undefined) job.progress = JSON.stringify(value);
      return job !== undefined;
    },
    cancelled: async (leases) => leases.filter((lease) => this.#leased(lease)?.cancelRequested),
  };

  async open(
    specs: readonly JobSpec[],
    { onError, onDied }: Partial<OpenBackendOptions> = {},
  ): Promise<void> {
    this.#jobs.onDied = (job) => {
      const { id, spec, attempt } = job;
      const error = diedJob(spec.name, id);
      onError?.(error);
      onDied?.({ id, name: spec.name, payload: JSON.parse(job.payload), attempt, error });
    };
    for (const spec of specs) this.#specs.set(spec.name, spec);
  }

  async enqueue(job: NewJob, { tx }: EnqueueBackendOptions = {}): Promise<string | null> {
    const { name, payload, delay = 0, priority = 0, group, headers } = job;
    if (tx !== undefined) throw new TypeError('The memory has no transactions (`tx`)');
    const spec = this.#specs.get(name);
    if (spec === undefined) throw new TypeError(`No job named ${name} was opened`);
    const given = { payload: JSON.stringify(payload), headers, priority, delay, group };
    const id = this.#unique.store(job, (own) => {
      const stored = newJob(spec, { ...given, key: own }, this.#jobs.now);
      this.#jobs.add(stored);
      return stored.id;
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

  async claim(
    names: readonly string[],
    max: number,
    signal: AbortSignal,
    limits?: ReadonlyMap<string, number>,
  ): Promise<Lease[]> {
    const until = Date.now() + claimWait;
    for (;;) {
      const leases = signal.aborted ? [] : this.#take(names, max, limits);
      const left = until - Date.now();
      if (leases.length > 0 || signal.aborted || left <= 0) return leases;
      await this.#claims.wait(Math.min(left, pollInterval), signal);
    }
  }

  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    return leases.filter((lease) => {
      const job = this.#leased(lease);
      if (job !== undefined) job.leasedUntil = this.#jobs.now + job.spec.leaseTime;
      return job === undefined;
    });
  }

  async settle(lease: Lease, outcome: Outcome): Promise<boolean> {
    const job = this.#leased(lease);
    if (job === undefined) return false;
    const { now } = this.#jobs;
    switch (outcome.kind) {
      case 'done':
        end(job, 'completed', now);
        if (outcome.result !== undefined) job.result = JSON.stringify(outcome.result);
        break;
      case 'cancel':
        job.error = describeError(outcome.error);
        end(job, 'cancelled', now);
        break;
      case 'fail':
        endAttempt(job, describeError(outcome.error), now, outcome.delay);
        if (outcome.final === true && job.phase === 'ready') end(job, 'failed', now);
        break;
      case 'release':
        job.attempt -= 1;
        if (job.cancelRequested) end(job, 'cancelled', now);
        else Object.assign(job, { ref: undefined, phase: 'ready', readyAt: 0 });
        break;
      default:
        outcome satisfies never;
    }
    this.#jobs.trim(job);
    this.#claims.wake();
    return true;
  }

  enqueued<I>(job: DefinedJob<I>): I[] {
    const { name } = job ?? {};
    if (!this.#specs.has(name)) {
      throw new TypeError(expected('job', 'one of the jobs that openJobs() was given', job));
    }
    return this.#testing.enqueued(name) as I[];
  }

  async runPending(options?: RunPendingOptions): Promise<void> {
    return this.#testing.runPending(options);
  }

  advance(time: number): void {
    this.#testing.advance(time);
  }

  async close(): Promise<void> {
    this.#claims.wake();
  }

  #take(names: readonly string[], max: number, limits?: ReadonlyMap<string, number>): Lease[] {
    const { now } = this.#jobs;
    const ready = this.#jobs.ready(names);
    return this.#turns.choose(ready, max, limits).map((job) => lend(job, now));
  }

  /** The job that a lease is for, if it still is. */
  #leased({ id, ref }: Lease): MemoryJob | undefined {
    const job = this.#jobs.get(id);
    return job?.ref === ref ? job : undefined;
  }
}
