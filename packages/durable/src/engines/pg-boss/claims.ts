import type { JobSpec, Lease, Outcome, Settlement } from '../../backend.ts';
import { cancelledJob } from '../../cancelled-job.ts';
import { parseHeaders } from '../../headers.ts';
import { describeError } from '../describe-error.ts';
import { foreignJob } from '../lost-jobs.ts';
import type { ReadyQueues } from '../ready-queues.ts';
import type { Stored } from './bulk.ts';
import type { Connection } from './connection.ts';
import { Groups } from './groups.ts';
import type { ClaimSql, DoneRun, TakenJob } from './claim-sql.ts';
import { TurnBatch } from './turn-batch.ts';
import type { JobAttempt, PgBoss, Settled } from './types.ts';

/** What claims are made with. */
export interface ClaimsOptions {
  readonly sql: ClaimSql;
  readonly specs: readonly JobSpec[];
  readonly report: (error: unknown) => void;
  readonly queues: ReadyQueues;
}

/** What is asked in one turn. */
interface Ask {
  /** A run that has ended. */
  readonly done?: DoneRun;
  /** The most jobs to take. */
  readonly wanted: number;
}

interface Answer {
  /** Whether the lease of the run that has ended was still good. */
  readonly wasGood: boolean;
  readonly leases: Lease[];
}

/**
 * The claims of this process. A `JobAttempt` is the mark of each: pg-boss counts `retryCount` up in every
 * claim of a job but that of one handed back.
 */
export class Claims {
  readonly #boss: PgBoss;
  readonly #sql: ClaimSql;
  readonly #report: (error: unknown) => void;
  readonly #groups: Groups;
  readonly #queues: ReadyQueues;
  readonly #turns: TurnBatch<Ask, Answer>;

  constructor(connection: Connection, { sql, specs, report, queues }: ClaimsOptions) {
    this.#boss = connection.boss;
    this.#report = report;
    this.#sql = sql;
    this.#groups = new Groups(connection, specs);
    this.#queues = queues;
    this.#turns = new TurnBatch(async (name, asks) => this.#answer(name, asks));
  }

  /** Whether `perKey` holds jobs of this name back. */
  hasGroups(name: string): boolean {
    return this.#groups.has(name);
  }

  /** Whether a job that ends may bring the next one of its name along. */
  hasMore(name: string): boolean {
    return !this.hasGroups(name) && this.#queues.hasMore(name);
  }

  async take(name: string, wanted: number): Promise<Lease[]> {
    if (this.hasGroups(name)) return this.#lend(name, await this.#groups.fetch(name, wanted));
    const { leases } = await this.#turns.add(name, { wanted });
    return leases;
  }

  /** Ends the lease of a job that is done, and takes the next job of its name. */
  async complete(lease: Lease, result: unknown): Promise<Settlement> {
    const done = { lease, result };
    const { wasGood, leases } = await this.#turns.add(lease.name, { done, wanted: 1 });
    return { wasGood, next: leases[0] };
  }

  async #answer(name: string, asks: readonly Ask[]): Promise<Answer[]> {
    const runs = asks.flatMap(({ done }) => (done === undefined ? [] : [done]));
    const wanted = asks.reduce((sum, ask) => sum + ask.wanted, 0);
    let wasGood: boolean[] = [];
    const endAndTake = async (): Promise<Lease[]> => {
      const turn = await this.#sql.endAndTake(name, runs, wanted);
      wasGood = turn.wasGood;
      return this.#lend(name, turn.taken);
    };
    const bringsNext = asks.some((ask) => ask.done !== undefined && ask.wanted > 0);
    const leases = bringsNext
      ? await this.#queues.claimMore(name, wanted, endAndTake)
      : await endAndTake();
    return asks.map((ask) => ({
      wasGood: ask.done !== undefined && wasGood.shift() === true,
      leases: leases.splice(0, ask.wanted),
    }));
  }

  /** What is to run, of jobs that were taken. */
  async #lend(name: string, jobs: readonly TakenJob[]): Promise<Lease[]> {
    const leases: Lease[] = [];
    for (const job of jobs) {
      const { id, data, retryCount, retryLimit, heartbeatSeconds } = job;
      const ref: JobAttempt = { id, retryCount };
      const lease = { id, name, payload: undefined, attempt: retryCount + 1, ref };
      if (isCancelRequested(job)) await this.#cancel(lease);
      else if (!isStored(data)) await this.#refuseForeign(lease);
      else {
        leases.push({
          ...lease,
          payload: data.payload,
          headers: parseHeaders(data.headers),
          attempts: retryLimit + 1,
          ...(heartbeatSeconds !== null && { leaseTime: heartbeatSeconds * 1_000 }),
        });
      }
    }
    // Behind those that do not run there may be others.
    if (leases.length < jobs.length) this.#queues.notify(name);
    return leases;
  }

  /** A row that Outlive has not stored fails alone: those claimed with it must not wait for their leases to run out. */
  async #refuseForeign(lease: Lease): Promise<void> {
    const error = foreignJob(lease.name, lease.id);
    await this.settle(lease, { kind: 'fail', error, final: true }).catch(this.#report);
    this.#report(error);
  }

  /** One that was to be cancelled when its process died, or handed it back. */
  async #cancel(lease: Lease): Promise<void> {
    const error = cancelledJob(lease.name, lease.id);
    await this.settle(lease, { kind: 'cancel', error }).catch(this.#report);
  }

  /** Gives back the leases that were lost. */
  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    const names = [...new Set(leases.map(({ name }) => name))];
    const lost = await Promise.all(
      names.map(async (name) => {
        const group = leases.filter((lease) => lease.name === name);
        const good = stillGood(await this.#boss.touch(name, attempts(group)), group);
        return group.filter((lease) => !good.has(lease));
      }),
    );
    return lost.flat();
  }

  async settle(lease: Lease, outcome: Outcome): Promise<boolean> {
    switch (outcome.kind) {
      case 'done': {
        const done = { lease, result: outcome.result };
        return (await this.#turns.add(lease.name, { done, wanted: 0 })).wasGood;
      }
      case 'release':
        return this.#sql.release(lease);
      case 'cancel':
        return this.#sql.cancel(lease, describeError(outcome.error), true);
      case 'fail': {
        const output = describeError(outcome.error);
        // One statement for one end: a process may be killed between two.
        if (outcome.final === true) return this.#sql.fail(lease, output);
        // Cancelled, and its process does not know it yet.
        if (await this.#sql.cancel(lease, output, false)) return true;
        if (outcome.delay !== undefined) {
          const isRetried = await this.#sql.retry(lease, outcome.delay, output);
          return isRetried || this.#sql.fail(lease, output);
        }
        const answer = await this.#boss.fail(lease.name, attempts([lease]), output);
        return (answer as Settled).affected === 1;
      }
      default:
        return outcome satisfies never;
    }
  }
}

function isStored(data: unknown): data is Stored {
  return typeof data === 'object' && data !== null && 'payload' in data;
}

function isCancelRequested({ sourceOutput }: { readonly sourceOutput?: unknown }): boolean {
  return typeof sourceOutput === 'object' && sourceOutput !== null && 'cancel' in sourceOutput;
}

function attempts(leases: readonly Lease[]): JobAttempt[] {
  return leases.map(({ ref }) => ref as JobAttempt);
}

/** The leases that a statement has found. */
function stillGood(answer: object, leases: readonly Lease[]): ReadonlySet<Lease> {
  const { affected, settled = affected === 0 ? [] : leases.map(({ id }) => id) } =
    answer as Settled;
  const ids = new Set(settled);
  // Of two claims of one job, only the later may still be good.
  const latest = new Map<string, Lease>();
  for (const lease of leases) {
    if (lease.attempt >= (latest.get(lease.id)?.attempt ?? 0)) latest.set(lease.id, lease);
  }
  return new Set([...latest.values()].filter(({ id }) => ids.has(id)));
}
