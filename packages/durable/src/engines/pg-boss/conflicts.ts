import { fieldOf } from '../../util/field-of.ts';
import { pause } from '../../util/waiting.ts';
import type { Db } from './types.ts';

/** With these codes PostgreSQL refuses what met others that change the same, and has changed nothing. */
const conflicts: readonly unknown[] = ['40001', '40P01'];
const mostTries = 20;
/** Time in ms. */
const longestPause = 200;

/**
 * Repeats what others came in the way of, as PostgreSQL asks for
 * (https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html). In a database whose
 * `default_transaction_isolation` is stricter than most this is every second statement under load: a handler that reports its
 * progress would fail by it, and a debounce would be refused.
 */
export async function repeatConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await work();
    } catch (error) {
      if (count === mostTries || !conflicts.includes(fieldOf(error, 'code'))) throw error;
      await pause(Math.random() * Math.min(2 ** count, longestPause));
    }
  }
}

/** From now on the statements of pg-boss and of ours, each a transaction of its own, are repeated. */
export function repeatStatements(db: Db): void {
  const executeSql = db.executeSql.bind(db);
  db.executeSql = async (...args) => repeatConflicts(async () => executeSql(...args));
}
