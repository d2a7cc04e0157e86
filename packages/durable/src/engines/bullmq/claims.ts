import { randomUUID } from 'node:crypto';
import { JobCancelledError } from '@outlive/core';
import type { DiedJob, Lease, Outcome } from '../../backend.ts';
import { type Headers, parseHeaders } from '../../headers.ts';
import type { ErrorThrottle } from '../error-throttle.ts';
import { diedJob, foreignJob } from '../lost-jobs.ts';
import { attemptOf, endClaim, isExhausted, isLost, mostAttempts, noteEnd } from './attempts.ts';
import type { NamedQueue } from './queues.ts';
import type { Redis } from './redis.ts';
import { removal } from './removal.ts';
import { fields, mendCancelled } from './scripts.ts';
import { mendUnreadable } from './unreadable.ts';
import type { BullmqJob } from './types.ts';

/** The mark of one claim: its token is the value of the job's lock. */
export interface Claim {
  readonly job: BullmqJob;
  readonly token: string;
}

/** What claims are made with. */
export interface ClaimsOptions {
  readonly queues: ReadonlyMap<string, NamedQueue>;
  readonly redis: Redis;
  readonly errors: ErrorThrottle;
  readonly onDied: (job: DiedJob) => void;
}

/** The claims of this process, made by the worker's API for fetching jobs by hand. */
export class Claims {
  readonly #queues: ReadonlyMap<string, NamedQueue>;
  readonly #redis: Redis;
  readonly #errors: ErrorThrottle;
  readonly #onDied: (job: DiedJob) => void;
  /** The names whose queue had as many jobs as were wanted, the last time. */
  readonly #plentiful = new Set<string>();

  constructor({ queues, redis, errors, onDied }: ClaimsOptions) {
    this.#queues = queues;
    this.#redis = redis;
    this.#errors = errors;
    this.#onDied = onDied;
  }

  /**
   * BullMQ lends one job per call: all calls at once where there were enough jobs the last time, else first
   * one, then twice as many each time while there are jobs.
   */
  async take(name: string, wanted: number): Promise<Lease[]> {
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

  /** Gives back the leases that were lost. */
  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    const renewed = await Promise.all(
      leases.map(async ({ name, ref }) => {
        const { job, token } = ref as Claim;
        const leaseTime = this.#queues.get(name)?.spec.leaseTime ?? 0;
        return (await job.extendLock(token, leaseTime)) === 1;
      }),
    );
    return leases.filter((_, index) => renewed[index] !== true);
  }

  async settle({ name, ref }: Lease, outcome: Outcome): Promise<boolean> {
    try {
      await this.#end(name, ref as Claim, outcome);
      return true;
    } catch (error) {
      if (isLost(error)) return false;
      throw error;
    }
  }

  async #takeOne(name: string): Promise<Lease | 'nothing' | 'refused'> {
    const token = randomUUID();
    const { worker, spec: { leaseTime } = { leaseTime: 0 } } = this.#queues.get(name) ?? {};
    let job: BullmqJob | undefined;
    try {
      job = await worker?.getNextJob(token, { block: false });
    } catch (error) {
      if ((error as Partial<Error> | undefined)?.name !== 'SyntaxError') throw error;
      await this.#failUnreadable(name, token);
      return 'refused';
    }
    this.#errors.storeAnswered();
    if (job === undefined) return 'nothing';
    const { id = '', data: payload } = job;
    const error = await this.#refusal(job, name);
    const key = this.#keyOf(name, job);
    // In an earlier run, whose process died or handed it back.
    if (error === undefined && job.attemptsStarted > 1 && (await this.#isCancelled(key))) {
      const reason = new JobCancelledError(`The job ${name} ${id} was cancelled`);
      await this.#end(name, { job, token }, { kind: 'cancel', error: reason });
      return 'refused';
    }
    if (error === undefined) {
      return {
        id,
        name,
        payload,
        headers: headersOf(job),
        attempt: attemptOf(job),
        attempts: mostAttempts(job),
        leaseTime,
        ref: { job, token } satisfies Claim,
      };
    }
    // This claim is for the run after the one that died.
    const attempt = attemptOf(job) - 1;
    const ended = await this.#end(name, { job, token }, { kind: 'fail', error, final: true });
    this.#errors.report(error);
    if (job.name === name && ended.kind === 'fail') {
      this.#onDied({ id, name, payload, attempt, error });
    }
    return 'refused';
  }

  /** @returns how it has ended: a job that was to be cancelled does not fail */
  async #end(name: string, { job, token }: Claim, given: Outcome): Promise<Outcome> {
    const key = this.#keyOf(name, job);
    const spec = this.#queues.get(name)?.spec;
    const outcome =
      given.kind === 'fail' && (await this.#isCancelled(key)) ? toCancel(given) : given;
    // Of this object alone, for BullMQ to do as the definition in this process says.
    if (spec !== undefined) job.opts = { ...job.opts, ...removal(spec.keep) };
    await noteEnd(job, outcome, this.#redis, key);
    await endClaim(job, token, outcome);
    if (outcome.kind !== 'cancel') return outcome;
    const { id = '' } = job;
    await this.#redis.eval(mendCancelled, 1, key, key.slice(0, -id.length));
    return outcome;
  }

  async #isCancelled(key: string): Promise<boolean> {
    return (await this.#redis.hexists(key, fields.cancel)) === 1;
  }

  async #failUnreadable(name: string, token: string): Promise<void> {
    const queue = this.#queues.get(name)?.queue;
    const job = queue && (await mendUnreadable(queue, this.#redis, token));
    if (job === undefined) return;
    const error = foreignJob(name, String(job.id));
    await this.#end(name, { job, token }, { kind: 'fail', error, final: true });
    this.#errors.report(error);
  }

  /** Why a job that was just claimed cannot run. */
  async #refusal(job: BullmqJob, name: string): Promise<Error | undefined> {
    const { id = '' } = job;
    if (job.name !== name) return foreignJob(name, id);
    const exhausted = await isExhausted(job, this.#redis, this.#keyOf(name, job));
    return exhausted ? diedJob(name, id) : undefined;
  }

  #keyOf(name: string, { id = '' }: BullmqJob): string {
    return this.#queues.get(name)?.queue.toKey(id) ?? '';
  }
}

function isNothing(result: PromiseSettledResult<unknown>): boolean {
  return result.status === 'fulfilled' && result.value === 'nothing';
}

function toCancel({ error }: { readonly error: unknown }): Outcome {
  return { kind: 'cancel', error };
}

function headersOf({ opts }: BullmqJob): Headers | undefined {
  const { metadata } = opts.telemetry ?? {};
  try {
    return metadata === undefined ? undefined : parseHeaders(JSON.parse(metadata));
  } catch {
    return undefined; // Not ours: BullMQ's own telemetry, in another program.
  }
}
