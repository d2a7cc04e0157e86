import { checkBoolean, checkOptions, expected, type KnownOptions } from '@outlive/core/internal';
import type { AnyTransaction } from './transactions/any-transaction.ts';
import { type CheckedTransaction, checkTransaction } from './transactions/check-transaction.ts';
import { checkKey } from './util/check-key.ts';
import { checkWithin } from './util/check-within.ts';

/** How one job is stored. */
export interface EnqueueOptions {
  /**
   * A transaction of your own in the store's database: the job exists if that commits. Of pg (a client after `BEGIN`),
   * PGlite, postgres.js, Knex, Kysely, Drizzle, Prisma, TypeORM (`EntityManager` or `QueryRunner`), MikroORM
   * (`EntityManager`), Sequelize, or anything else with `query(text, values)`. Only where the store has transactions.
   * A pool is none. Await the call before the transaction ends.
   * @defaultValue none: the job exists once the call has resolved
   */
  readonly tx?: AnyTransaction | undefined;
  /** Up to 200 characters: while a job of the same name and key waits or runs, no second one is stored. @defaultValue none */
  readonly key?: string | undefined;
  /**
   * Time in ms, with a `key`: instead, no second job of the same name and key is stored within it, counted from the first
   * one, whatever has become of that. `{ key: userId, window: 3_600_000 }`: once per hour. At most 366 days.
   * @defaultValue none: as long as the first one waits or runs
   */
  readonly window?: number | undefined;
  /**
   * With a `key`: a job of the same name and key that waits, for its time or for a retry, becomes this one, with this payload,
   * `delay` and `priority`, and the id that it has. One that runs goes on, and this one is stored besides.
   * @defaultValue `false`
   */
  readonly replace?: boolean | undefined;
  /** Up to 200 characters: which jobs the `perKey` of the definition counts together. @defaultValue none: not limited by it */
  readonly group?: string | undefined;
  /** Time in ms before which the job does not start, up to a hundred years. @defaultValue `0` */
  readonly delay?: number | undefined;
  /** From -1,000 to 1,000: larger starts earlier. @defaultValue `0` */
  readonly priority?: number | undefined;
}

const known: KnownOptions<EnqueueOptions> = {
  tx: true,
  key: true,
  window: true,
  replace: true,
  group: true,
  delay: true,
  priority: true,
};

/** In ms: a year of 366 days. */
const longestWindow = 366 * 24 * 60 * 60 * 1_000;
/** In ms: a hundred of them, of which every store can tell the end. */
export const longestDelay: number = 100 * longestWindow;

export interface ResolvedEnqueueOptions extends Omit<EnqueueOptions, 'tx'> {
  readonly tx: CheckedTransaction | undefined;
}

export function resolveEnqueueOptions(options: EnqueueOptions | undefined): ResolvedEnqueueOptions {
  const {
    tx,
    key,
    window,
    replace = false,
    group,
    delay = 0,
    priority = 0,
  } = checkOptions('options', options, known);
  const transaction = tx === undefined ? undefined : checkTransaction(tx);
  checkKey('key', key);
  checkKey('group', group);
  if (window !== undefined) {
    checkWithin('window', window, 1, longestWindow, 'milliseconds');
    if (key === undefined) throw new TypeError('A `window` needs a `key`');
  }
  checkBoolean('replace', replace);
  if (replace && (key === undefined || window !== undefined)) {
    throw new TypeError('`replace` needs a `key`, and no `window`');
  }
  checkDelay('delay', delay);
  checkWithin('priority', priority, -1_000, 1_000, 'a whole number');
  return { tx: transaction, key, window, replace, group, delay: Math.ceil(delay), priority };
}

/** Time in ms, fractions too, of which every store can tell the end. */
export function checkDelay(name: string, value: unknown): void {
  const allowed = `milliseconds from 0 to ${longestDelay}`;
  if (typeof value !== 'number') throw new TypeError(expected(name, allowed, value));
  if (!(value >= 0 && value <= longestDelay)) throw new RangeError(expected(name, allowed, value));
}
