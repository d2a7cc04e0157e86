import { expected } from '@outlive/core/internal';
import type { Transaction } from '../backend.ts';
import type { Client, Recognize } from './client.ts';
import { atMost, within } from '../util/waiting.ts';
import { bindToCall } from './calls-before.ts';
import { asDrizzle } from './drizzle.ts';
import { asKnex } from './knex.ts';
import { asKysely } from './kysely.ts';
import { asMikroOrm } from './mikro-orm.ts';
import { asPlain } from './plain.ts';
import { asPostgresJs } from './postgres-js.ts';
import { asPrisma } from './prisma.ts';
import { asSequelize } from './sequelize.ts';

/** The last takes all that has `query()`. */
const libraries: readonly Recognize[] = [
  asPostgresJs,
  asKnex,
  asKysely,
  asMikroOrm,
  asDrizzle,
  asPrisma,
  asSequelize,
  asPlain,
];

/**
 * Time in ms that a statement may take, with all those before it in the client's queue. A client may forget one for good:
 * postgres.js does so where its transaction has ended meanwhile.
 */
const patience = 30_000;
/** Time in ms that a call waits for those before it: not for ones that are forgotten. */
const longestTurn = 300;

const allowed =
  'a transaction under way: of pg (a client after BEGIN), PGlite, postgres.js, Knex, Kysely, Drizzle, Prisma, ' +
  'TypeORM (EntityManager or QueryRunner), MikroORM (EntityManager), Sequelize, or anything else with query(text, values)';

/** The `tx` of a call. */
export interface CheckedTransaction extends Transaction {
  /**
   * Runs the statements of a call after those of the calls before it: clients such as pg 9 let no statement wait.
   */
  inTurn<T>(call: () => Promise<T>): Promise<T>;
}

/** A call under way. */
interface Call {
  readonly tx: CheckedTransaction;
  turn: Promise<unknown>;
  /** That of the transaction to its first statement has come. */
  hasAnswer: boolean;
  isDone: boolean;
}

/** The last call of each transaction. */
const lastCalls = new WeakMap<object, Call>();

/**
 * The `tx` of a call. One that is none, such as a pool, would store the job at once, and keep it through the rollback.
 *
 * @throws TypeError
 */
export function checkTransaction(value: unknown): CheckedTransaction {
  const client = recognize(value);
  if (client === undefined) throw new TypeError(expected('tx', allowed, value));
  const reason = client.whyNone();
  if (reason !== undefined) throw new TypeError(`Expected \`tx\` to be ${allowed}, got ${reason}`);
  const tx: CheckedTransaction = {
    async query(text, values = []) {
      // The call may come later than the check: forgotten, while the transaction ends.
      const over = client.whyNone();
      if (over !== undefined) throw new TypeError(`\`tx\` is ${over} by now`);
      const answer = await atMost(patience, client.query(text, values), noAnswer);
      own.hasAnswer = true;
      return { rows: rowsOf(answer) };
    },
    async inTurn(call) {
      const before = lastCalls.get(value as object);
      // At once where it can be: before whatever the caller does next with the transaction.
      const turn = before === undefined ? call() : behind(before, tx).then(call);
      own.turn = turn;
      lastCalls.set(value as object, own);
      try {
        const result = await turn;
        own.isDone = true;
        return result;
      } finally {
        if (lastCalls.get(value as object) === own) lastCalls.delete(value as object);
      }
    },
  };
  const own: Call = { tx, turn: Promise.resolve(), hasAnswer: false, isDone: false };
  return tx;
}

/**
 * Waits for an earlier call. What the caller does with the transaction meanwhile, without waiting for either, comes before this
 * call, and would be taken for something after it: unless the caller has seen the end of something that came after the
 * beginning of the earlier call, which then has an answer, and has failed by it.
 */
async function behind(earlier: Call, tx: CheckedTransaction): Promise<void> {
  const { hasAnswer } = earlier;
  await within(longestTurn, earlier.turn);
  if (!hasAnswer || earlier.isDone) bindToCall(tx, earlier.tx);
}

function recognize(value: unknown): Client | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function'))
    return undefined;
  for (const library of libraries) {
    const client = library(value as never);
    if (client !== undefined) return client;
  }
  return undefined;
}

function noAnswer(): Error {
  return new Error(`\`tx\` has not answered for ${patience} ms: is it over?`);
}

/**
 * An array of the rows (postgres.js, Prisma, TypeORM, Sequelize), an object with one (pg, PGlite, Knex, Kysely), or the rows
 * and their number (TypeORM, of an UPDATE).
 */
function rowsOf(answer: unknown): Record<string, unknown>[] {
  const { rows = answer } = (answer ?? {}) as { rows?: unknown };
  if (Array.isArray(rows) && Array.isArray(rows[0])) return rows[0] as Record<string, unknown>[];
  if (Array.isArray(rows)) return rows as Record<string, unknown>[];
  throw new TypeError(expected('the answer of `tx`', 'rows', answer));
}
