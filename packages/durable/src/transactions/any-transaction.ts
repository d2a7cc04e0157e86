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
  unsafe(text: string, values?: never[]): unknown;
  savepoint(...args: never[]): unknown;
}

/** The `trx` that `transaction()` of Knex gives. */
export interface KnexTransaction {
  raw(...args: never[]): unknown;
  isCompleted(): boolean;
}

/** The `trx` that `transaction().execute()` or `startTransaction().execute()` of Kysely gives. */
export interface KyselyTransaction {
  readonly isTransaction: true;
  executeQuery(...args: never[]): unknown;
}

/** The `tx` that `transaction()` of Drizzle gives. */
export interface DrizzleTransaction {
  execute(...args: never[]): unknown;
  rollback(): never;
}

/** The `tx` that `$transaction()` of Prisma gives. */
export interface PrismaTransaction {
  $queryRawUnsafe(...args: never[]): unknown;
  /** The client itself is no transaction. */
  readonly $connect?: undefined;
}

/** The `EntityManager` that `transactional()` of MikroORM gives, or one after `begin()`. */
export interface MikroOrmTransaction {
  getTransactionContext(): unknown;
  isInTransaction(): boolean;
}

/** The transaction that `transaction()` of Sequelize gives. */
export interface SequelizeTransaction {
  afterCommit(...args: never[]): unknown;
  commit(): unknown;
  rollback(): unknown;
}
