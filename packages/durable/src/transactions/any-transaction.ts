import type { Transaction } from '../backend.ts';

// By their shapes alone: no declaration of ours may lead to a library that its reader has not installed.

/** What `enqueue()` takes as `tx`: a transaction under way in the database of the jobs, of any of these libraries. */
export type AnyTransaction =
  | Transaction
  | PostgresJsTransaction
  | KnexTransaction
  | KyselyTransaction
  | DrizzleTransaction
  | PrismaTransaction
  | MikroOrmTransaction
  | SequelizeTransaction;

/** The `sql` that `begin()` and `savepoint()` of postgres.js give. */
export interface PostgresJsTransaction {
  /** Runs SQL as it is. */
  unsafe(text: string, values?: never[]): unknown;
  /** Missing in `sql` itself, which is no transaction. */
  savepoint(...args: never[]): unknown;
}

/** The `trx` that `transaction()` of Knex gives. */
export interface KnexTransaction {
  /** Runs SQL as it is. */
  raw(...args: never[]): unknown;
  /** Missing in Knex itself. */
  isCompleted(): boolean;
}

/** The `trx` that `transaction().execute()` or `startTransaction().execute()` of Kysely gives. */
export interface KyselyTransaction {
  /** `false` in Kysely itself. */
  readonly isTransaction: true;
  /** Runs a compiled query. */
  executeQuery(...args: never[]): unknown;
}

/** The `tx` that `transaction()` of Drizzle gives. */
export interface DrizzleTransaction {
  /** Runs SQL. */
  execute(...args: never[]): unknown;
  /** Missing in the database itself. */
  rollback(): never;
}

/** The `tx` that `$transaction()` of Prisma gives. */
export interface PrismaTransaction {
  /** Runs SQL as it is. */
  $queryRawUnsafe(...args: never[]): unknown;
  /** The client itself is no transaction. */
  readonly $connect?: undefined;
}

/** The `EntityManager` that `transactional()` of MikroORM gives, or one after `begin()`. */
export interface MikroOrmTransaction {
  /** What its driver knows of the transaction. */
  getTransactionContext(): unknown;
  /** `false` in a manager without one. */
  isInTransaction(): boolean;
}

/** The transaction that `transaction()` of Sequelize gives. */
export interface SequelizeTransaction {
  /** Missing in Sequelize itself. */
  afterCommit(...args: never[]): unknown;
  /** Ends it; not called. */
  commit(): unknown;
  /** Ends it; not called. */
  rollback(): unknown;
}
