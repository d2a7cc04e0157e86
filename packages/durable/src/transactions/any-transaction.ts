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
  /** Runs a statement. */
  unsafe(text: string, values?: never[]): unknown;
  /** Only a transaction has it. */
  savepoint(...args: never[]): unknown;
}

/** The `trx` that `transaction()` of Knex gives. */
export interface KnexTransaction {
  /** Runs a statement. */
  raw(...args: never[]): unknown;
  /** Whether it has ended. */
  isCompleted(): boolean;
}

/** The `trx` that `transaction().execute()` or `startTransaction().execute()` of Kysely gives. */
export interface KyselyTransaction {
  /** Not so of Kysely itself. */
  readonly isTransaction: true;
  /** Runs a statement. */
  executeQuery(...args: never[]): unknown;
}

/** The `tx` that `transaction()` of Drizzle gives. */
export interface DrizzleTransaction {
  /** Runs a statement. */
  execute(...args: never[]): unknown;
  /** Only a transaction has it. */
  rollback(): never;
}

/** The `tx` that `$transaction()` of Prisma gives. */
export interface PrismaTransaction {
  /** Runs a statement. */
  $queryRawUnsafe(...args: never[]): unknown;
  /** The client itself is no transaction. */
  readonly $connect?: undefined;
}

/** The `EntityManager` that `transactional()` of MikroORM gives, or one after `begin()`. */
export interface MikroOrmTransaction {
  /** The transaction of Knex or Kysely behind it. */
  getTransactionContext(): unknown;
  /** Whether it is in a transaction. */
  isInTransaction(): boolean;
}

/** The transaction that `transaction()` of Sequelize gives. */
export interface SequelizeTransaction {
  /** Only a transaction has it. */
  afterCommit(...args: never[]): unknown;
  /** Commits it. */
  commit(): unknown;
  /** Rolls it back. */
  rollback(): unknown;
}
