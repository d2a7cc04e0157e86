import { expected } from '@outlive/core/internal';
import type { Transaction } from './backend.ts';

/** What `query()` of the clients in use answers with: rows in an object (pg, PGlite), or an array of them (TypeORM). */
type Answer = Awaited<ReturnType<Transaction['query']>> | Record<string, unknown>[];

/** What is asked of a `tx` before it is believed to be one. */
interface Candidate {
  query(text: string, values?: unknown[]): Promise<Answer>;
  /** Of a client of pg: `I` while there is no transaction (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
  getTransactionStatus?(): string | null;
  /** Of a pool of pg. */
  readonly totalCount?: number;
  /** Of PGlite, and of TypeORM's `DataSource` and `EntityManager`. */
  readonly transaction?: unknown;
  /** Of an `EntityManager`: missing outside of a transaction. */
  readonly queryRunner?: unknown;
  /** Of TypeORM's `QueryRunner`. */
  readonly isTransactionActive?: boolean;
}

const allowed = 'a transaction under way, with a query() method: a client of pg after BEGIN, …';

/**
 * The `tx` of a call. One that is none, such as a pool, would store the job at once, and keep it through the rollback.
 *
 * @throws TypeError
 */
export function checkTransaction(value: unknown): Transaction {
  const tx = value as Candidate;
  if (typeof (value as Partial<Candidate> | null)?.query !== 'function') {
    throw new TypeError(expected('tx', allowed, value));
  }
  const reason = whyNone(tx);
  if (reason !== undefined) throw new TypeError(`Expected \`tx\` to be ${allowed}, got ${reason}`);
  return {
    async query(text, values) {
      // The call may come later than the check: forgotten, while the transaction ends.
      const over = whyNone(tx);
      if (over !== undefined) throw new TypeError(`\`tx\` is ${over} by now`);
      const answer = await tx.query(text, values);
      return Array.isArray(answer) ? { rows: answer } : answer;
    },
  };
}

/**
 * Runs `work` with a `tx` that takes nothing more once `work` has settled: a call that nobody waited for would come after
 * the ROLLBACK, and stay.
 */
export async function whileOpen<T>(
  tx: Transaction,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  let open = true;
  try {
    return await work({
      async query(text, values) {
        if (!open) throw new TypeError('The transaction is over: await what is stored in it');
        return tx.query(text, values);
      },
    });
  } finally {
    open = false;
  }
}

function whyNone(tx: Candidate): string | undefined {
  if (typeof tx.totalCount === 'number') return 'a pool, whose queries are in no transaction';
  if (tx.isTransactionActive === false) return 'a QueryRunner without a transaction';
  if (tx.getTransactionStatus?.() === 'I') return 'a client without a transaction';
  if (typeof tx.transaction === 'function' && typeof tx.queryRunner !== 'object') {
    return 'a database, whose queries are in no transaction: give the tx of its transaction()';
  }
  return undefined;
}
