import type { Lease } from '../../backend.ts';
import type { JobRuns } from '../../backend-operations.ts';
import { thisProcess } from '../this-process.ts';
import { extras, isCancelled, type Tables } from './tables.ts';
import type { JobAttempt } from './types.ts';

/** What passes between the tables of pg-boss and the runs of this process. */
export class PgBossRuns implements JobRuns {
  readonly #tables: Tables;
  /** The leases whose rows say that this process has them. */
  readonly #marked = new WeakSet<Lease>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  async progress(lease: Lease, value: unknown): Promise<boolean> {
    const { id, retryCount } = lease.ref as JobAttempt;
    const rows = await this.#tables.query(
      `update ${this.#tables.job} set ${extras} = coalesce(${extras}, '{}')
         || jsonb_build_object('progress', $4::jsonb, 'process', $5::text)
       where name = $1 and id = $2::uuid and retry_count = $3::int and state = 'active' returning 1`,
      [lease.name, id, retryCount, JSON.stringify(value), thisProcess],
    );
    this.#marked.add(lease);
    return rows.length === 1;
  }

  async cancelled(leases: readonly Lease[]): Promise<Lease[]> {
    const unmarked = leases.filter((lease) => !this.#marked.has(lease));
    const marked = leases.filter((lease) => this.#marked.has(lease));
    const rows = [
      ...(unmarked.length === 0 ? [] : await this.#mark(unmarked)),
      ...(marked.length === 0 ? [] : await this.#ask(marked)),
    ];
    const attempts = new Set(rows.map(({ attempt }) => String(attempt)));
    return leases.filter((lease) => attempts.has(attemptOf(lease)));
  }

  /** Notes which process has them, and asks. Shorter runs do without. */
  async #mark(leases: readonly Lease[]): Promise<Record<string, unknown>[]> {
    const rows = await this.#tables.query(
      `with marked as (
         update ${this.#tables.job} j
         set ${extras} = coalesce(${extras}, '{}') || jsonb_build_object('process', $4::text)
         where ${this.#isOneOf} returning *
       )
       select id::text || ':' || retry_count::text as attempt from marked where ${isCancelled('marked')}`,
      [...attemptsOf(leases), thisProcess],
    );
    for (const lease of leases) this.#marked.add(lease);
    return rows;
  }

  async #ask(leases: readonly Lease[]): Promise<Record<string, unknown>[]> {
    return this.#tables.query(
      `select id::text || ':' || retry_count::text as attempt from ${this.#tables.job} j
       where ${this.#isOneOf} and ${isCancelled('j')}`,
      attemptsOf(leases),
    );
  }

  readonly #isOneOf = `j.name = any($1::text[]) and j.id = any($2::uuid[]) and j.state = 'active'
    and (j.id::text || ':' || j.retry_count::text) = any($3::text[])`;
}

function attemptsOf(leases: readonly Lease[]): unknown[] {
  const names = [...new Set(leases.map(({ name }) => name))];
  return [names, leases.map(({ id }) => id), leases.map(attemptOf)];
}

function attemptOf({ ref }: Lease): string {
  const { id, retryCount } = ref as JobAttempt;
  return `${id}:${retryCount}`;
}
