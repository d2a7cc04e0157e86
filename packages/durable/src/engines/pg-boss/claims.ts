import type { Lease, Outcome } from '../../backend.ts';
import { describeError } from '../describe-error.ts';
import { SettleBatch } from './settle-batch.ts';
import type { PgBossSql } from './sql.ts';
import type { JobAttempt, PgBoss, Settled } from './types.ts';

/** What jobs are stored in: pg-boss takes objects alone. */
interface Stored {
  readonly payload: unknown;
}

/**
 * The claims of this process. A `JobAttempt` is the mark of each: pg-boss counts `retryCount` up in every
 * claim of a job but that of one handed back.
 */
export class Claims {
  readonly #boss: PgBoss;
  readonly #sql: PgBossSql;
  readonly #done: SettleBatch;

  constructor(boss: PgBoss, sql: PgBossSql) {
    this.#boss = boss;
    this.#sql = sql;
    this.#done = new SettleBatch(async (name, leases) => {
      return stillGood(await boss.complete(name, attempts(leases)), leases);
    });
  }

  async take(name: string, wanted: number): Promise<Lease[]> {
    const jobs = await this.#boss.fetch<Stored>(name, { batchSize: wanted });
    return jobs.map(({ id, data: { payload }, retryCount }) => {
      const ref: JobAttempt = { id, retryCount };
      return { id, name, payload, attempt: retryCount + 1, ref };
    });
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
      case 'done':
        return this.#done.add(lease);
      case 'release':
        return this.#sql.release(lease);
      case 'fail': {
        if (outcome.final === true) await this.#sql.denyRetries(lease);
        const output = describeError(outcome.error);
        const answer = await this.#boss.fail(lease.name, attempts([lease]), output);
        return (answer as Settled).affected === 1;
      }
      default:
        return outcome satisfies never;
    }
  }
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
