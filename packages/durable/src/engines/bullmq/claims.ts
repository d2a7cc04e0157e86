import { randomUUID } from 'node:crypto';
import type { DiedJob, Lease, Outcome, Settlement } from '../../backend.ts';
import { cancelledJob } from '../../cancelled-job.ts';
import type { ErrorThrottle } from '../error-throttle.ts';
import { diedJob, diedRun, foreignJob } from '../lost-jobs.ts';
import { allowRun, attemptOf, endClaim, endClaimAndTake, isLost, noteEnd } from './attempts.ts';
import type { Claim } from './claim.ts';
import { leaseOf } from './lease-of.ts';
import type { NamedQueue } from './queues.ts';
import type { Redis } from './redis.ts';
import { removal } from './removal.ts';
import { fields, mendCancelled } from './scripts.ts';
import { mendUnreadable } from './unreadable.ts';
import type { BullmqJob, BullmqModule } from './types.ts';

/** How the run of a job that is done has ended. */
type Done = Extract<Outcome, { kind: 'done' }>;

/** What claims are made with. */
export interface ClaimsOptions {
  readonly bullmq: BullmqModule;
  readonly queues: ReadonlyMap<string, NamedQueue>;
  readonly redis: Redis;
  readonly errors: ErrorThrottle;
  readonly onDied: (job: DiedJob) => void;
  /** For a name that may have more jobs to take. */
  readonly onMore: (name: string) => void;
}

/** The claims of this process, made by the worker's API for fetching jobs by hand. */
export class Claims {
  readonly #bullmq: BullmqModule;
  readonly #queues: ReadonlyMap<string, NamedQueue>;
  readonly #redis: Redis;
  readonly #errors: ErrorThrottle;
  readonly #onDied: (job: DiedJob) => void;
  readonly #onMore: (name: string) => void;
  /** How many jobs are asked for at once, of names that have had as many the last time. */
  readonly #pace = new Map<string, number>();

  constructor({ bullmq, queues, redis, errors, onDied, onMore }: ClaimsOptions) {
    this.#bullmq = bullmq;
    this.#queues = queues;
    this.#redis = redis;
    this.#errors = errors;
    this.#onDied = onDied;
    this.#onMore = onMore;
  }

  /**
   * Takes some of the jobs that are wanted. BullMQ lends one job per call: one call at first, since that job is to start
   * at once, then twice as many each time while there are jobs.
   */
  async take(name: string, wanted: number): Promise<Lease[]> {
    const count = Math.min(this.#pace.get(name) ?? 1, wanted);
    const taking = Array.from({ length: count }, async () => this.#takeOne(name));
    const results = await Promise.allSettled(taking);
    const leases: Lease[] = [];
    for (const result of results) {
      if (result.status === 'fulfilled' && typeof result.value === 'object') {
        leases.push(result.value);
      }
    }
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined && leases.length === 0) throw failure.reason;
    if (failure !== undefined || results.some(isNothing)) this.#pace.delete(name);
    else {
      this.#pace.set(name, 2 * count);
      this.#onMore(name);
    }
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

  /** Ends the lease of a job that is done; one script of BullMQ does so, and takes the next job of its name. */
  async complete({ name, ref }: Lease, outcome: Done): Promise<Settlement> {
    const { job, token } = ref as Claim;
    const worker = this.#queues.get(name)?.worker;
    await this.#prepareEnd(name, { job, token }, outcome, attemptOf(job));
    let isEnded = false;
    try {
      const next = await this.#receive(name, token, async () => {
        const data = await endClaimAndTake(job, token, outcome.result).catch((error: unknown) => {
          // Of the next job: this one has ended.
          isEnded = isUnreadable(error);
          throw error;
        });
        isEnded = true;
        const [json, id] = data ?? [];
        if (!json || worker === undefined) return undefined;
        return this.#bullmq.Job.fromJSON<unknown>(worker, json, id);
      });
      return { wasGood: true, next: typeof next === 'object' ? next : undefined };
    } catch (error) {
      if (!isEnded && !isLost(error)) throw error;
      if (isEnded) this.#errors.report(error);
      return { wasGood: isEnded };
    }
  }

  async #takeOne(name: string): Promise<Lease | 'nothing' | 'refused'> {
    const token = randomUUID();
    const worker = this.#queues.get(name)?.worker;
    return this.#receive(name, token, async () => worker?.getNextJob(token, { block: false }));
  }

  /** @param take - takes a job with this token */
  async #receive(
    name: string,
    token: string,
    take: () => Promise<BullmqJob | undefined>,
  ): Promise<Lease | 'nothing' | 'refused'> {
    let job: BullmqJob | undefined;
    try {
      job = await take();
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      await this.#failUnreadable(name, token);
      return 'refused';
    }
    this.#errors.storeAnswered();
    if (job === undefined) return 'nothing';
    const { id = '', data: payload } = job;
    const error = await this.#refusal({ job, token }, name);
    const key = this.#keyOf(name, job);
    // In an earlier run, whose process died or handed it back.
    if (error === undefined && job.attemptsStarted > 1 && (await this.#isCancelled(key))) {
      const reason = cancelledJob(name, id);
      await this.#end(name, { job, token }, { kind: 'cancel', error: reason }, attemptOf(job) - 1);
      return 'refused';
    }
    if (error === undefined) {
      return leaseOf(name, { job, token }, this.#queues.get(name)?.spec.leaseTime);
    }
    // This claim is for the run after the one that died.
    const attempt = attemptOf(job) - 1;
    const isOurs = job.name === name;
    const failure: Outcome = { kind: 'fail', error: isOurs ? diedRun() : error, final: true };
    const ended = await this.#end(name, { job, token }, failure, attempt);
    this.#errors.report(error);
    if (isOurs && ended.kind === 'fail') {
      this.#onDied({ id, name, payload, attempt, error });
    }
    return 'refused';
  }

  /**
   * @param attempt - the number of the last run
   * @returns how it has ended: a job that was to be cancelled does not fail
   */
  async #end(
    name: string,
    { job, token }: Claim,
    given: Outcome,
    attempt: number = attemptOf(job),
  ): Promise<Outcome> {
    const key = this.#keyOf(name, job);
    const outcome =
      given.kind === 'fail' && (await this.#isCancelled(key)) ? toCancel(given) : given;
    await this.#prepareEnd(name, { job, token }, outcome, attempt);
    await endClaim(job, token, outcome);
    if (outcome.kind !== 'cancel') return outcome;
    const { id = '' } = job;
    await this.#redis.eval(mendCancelled, 1, key, key.slice(0, -id.length));
    return outcome;
  }

  async #prepareEnd(
    name: string,
    { job, token }: Claim,
    outcome: Outcome,
    attempt: number,
  ): Promise<void> {
    const spec = this.#queues.get(name)?.spec;
    // Of this object alone, for BullMQ to do as the definition in this process says.
    if (spec !== undefined) job.opts = { ...job.opts, ...removal(spec.keep) };
    await noteEnd({ job, token }, outcome, attempt, this.#redis, this.#keyOf(name, job));
  }

  async #isCancelled(key: string): Promise<boolean> {
    return (await this.#redis.hexists(key, fields.cancel)) === 1;
  }

  async #failUnreadable(name: string, token: string): Promise<void> {
    const queue = this.#queues.get(name)?.queue;
    const job = queue && (await mendUnreadable(queue, this.#redis, token));
    if (job === undefined) return;
    const error = foreignJob(name, String(job.id));
    await this.#end(name, { job, token }, { kind: 'fail', error, final: true }, attemptOf(job) - 1);
    this.#errors.report(error);
  }

  /** Why a job that was just claimed cannot run. */
  async #refusal(claim: Claim, name: string): Promise<Error | undefined> {
    const { id = '' } = claim.job;
    if (claim.job.name !== name) return foreignJob(name, id);
    const isAllowed = await allowRun(claim, this.#redis, this.#keyOf(name, claim.job));
    return isAllowed ? undefined : diedJob(name, id);
  }

  #keyOf(name: string, { id = '' }: BullmqJob): string {
    return this.#queues.get(name)?.queue.toKey(id) ?? '';
  }
}

/** Whether BullMQ could not make an object of the job that it has taken: what the job holds is no JSON, or of another shape. */
function isUnreadable(error: unknown): boolean {
  return ['SyntaxError', 'TypeError'].includes((error as Partial<Error> | undefined)?.name ?? '');
}

function isNothing(result: PromiseSettledResult<unknown>): boolean {
  return result.status === 'fulfilled' && result.value === 'nothing';
}

function toCancel({ error }: { readonly error: unknown }): Outcome {
  return { kind: 'cancel', error };
}
