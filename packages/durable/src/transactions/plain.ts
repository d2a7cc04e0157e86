import { type Client, isFunction } from './client.ts';
import { otherDatabase } from './other-database.ts';

/** What is looked at of a client with `query(text, values)`. */
interface Plain {
  query(text: string, values: readonly unknown[]): PromiseLike<unknown>;
  /** Of a client of pg: `I` while there is no transaction (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
  getTransactionStatus?(): string | null;
  /** Of a client of pg: `false` while a statement runs, which may be the BEGIN. */
  readonly readyForQuery?: boolean;
  /** Of a pool of pg. */
  readonly totalCount?: number;
  /** Of PGlite, of Sequelize, and of TypeORM's `DataSource` and `EntityManager`. */
  readonly transaction?: unknown;
  /** Of an `EntityManager`: missing outside of a transaction. */
  readonly queryRunner?: Plain | undefined;
  /** Of a `Repository` of TypeORM. */
  readonly manager?: Plain | undefined;
  /** Of TypeORM's `QueryRunner`. */
  readonly isTransactionActive?: boolean;
  /** Of a transaction of PGlite. */
  readonly closed?: boolean;
  /** Of TypeORM's. */
  readonly connection?: { readonly options?: { readonly type?: string } };
  /** Of a connection of mysql, mysql2 and mariadb. */
  readonly beginTransaction?: unknown;
  /** Of their pools. */
  readonly getConnection?: unknown;
}

/** pg, PGlite, TypeORM, and whatever else has `query(text, values)`. */
export function asPlain(value: Partial<Plain>): Client | undefined {
  if (!isFunction(value.query)) return undefined;
  const tx = value as Plain;
  return {
    whyNone: () => whyNone(tx),
    query: (text, values) => tx.query(text, values),
  };
}

function whyNone(tx: Plain): string | undefined {
  if (typeof tx.totalCount === 'number' || isFunction(tx.getConnection))
    return 'a pool, whose queries are in no transaction';
  if (isFunction(tx.beginTransaction)) return otherDatabase('MySQL');
  if (tx.isTransactionActive === undefined && isFunction(tx.manager?.query))
    return whyNone(tx.manager);
  if (tx.isTransactionActive === false) return 'a QueryRunner without a transaction';
  if (tx.getTransactionStatus?.() === 'I' && tx.readyForQuery !== false)
    return 'a client without a transaction';
  if (tx.closed === true) return 'a transaction that has ended';
  const { type } = tx.connection?.options ?? {};
  if (!isFunction(tx.transaction)) return otherDatabase(type);
  if (tx.queryRunner?.isTransactionActive === false)
    return 'an EntityManager without a transaction';
  if (typeof tx.queryRunner === 'object') return otherDatabase(type);
  return 'a database, whose queries are in no transaction: give the tx of its transaction()';
}
