import { randomUUID } from 'node:crypto';
import type { Lease, Outcome } from '../../backend.ts';
import type { ErrorThrottle } from '../error-throttle.ts';
import { attemptOf, endClaim, isExhausted, isLost } from './attempts.ts';
import type { NamedQueue } from './queues.ts';
import type { BullmqJob } from './types.ts';

/** The mark of one claim: its token is the value of the job's lock. */
interface Claim {
  readonly job: BullmqJob;
  readonly token: string;
}

/** The claims of this process, made by the worker's API for fetching jobs by hand. */
export class Claims {
  readonly #queues: ReadonlyMap<string, NamedQueue>;
  readonly #errors: ErrorThrottle;
  /** The names whose queue had as many jobs as were wanted, the last time. */
  readonly #plentiful = new Set<string>();

  constructor(queues: ReadonlyMap<string, NamedQueue>, errors: ErrorThrottle) {
    this.#queues = queues;
    this.#errors = errors;
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

  async settle({ ref }: Lease, outcome: Outcome): Promise<boolean> {
    const { job, token } = ref as Claim;
    try {
      await endClaim(job, token, outcome);
      return true;
    } catch (error) {
      if (isLost(error)) return false;
      throw error;
    }
  }

  async #takeOne(name: string): Promise<Lease | 'nothing' | 'exhausted'> {
    const token = randomUUID();
    const job = await this.#queues.get(name)?.worker?.getNextJob(token, { block: false });
    this.#errors.storeAnswered();
    if (job === undefined) return 'nothing';
    const { id = '', data: payload } = job;
    if (!isExhausted(job)) {
      return { id, name, payload, attempt: attemptOf(job), ref: { job, token } satisfies Claim };
    }
    const error = new Error(`Job ${name} ${id} failed for good: its process died in its last run`);
    await endClaim(job, token, { kind: 'fail', error, final: true });
    this.#errors.report(error);
    return 'exhausted';
  }
}

function isNothing(result: PromiseSettledResult<unknown>): boolean {
  return result.status === 'fulfilled' && result.value === 'nothing';
}
