import { type Client, isFunction } from './client.ts';
import { otherDatabase } from './other-database.ts';

interface Drizzle {
  execute(query: { getSQL(): object }): PromiseLike<unknown>;
  readonly dialect: object;
  /** Missing in the database itself. */
  rollback?: unknown;
}

/** https://orm.drizzle.team/docs/transactions */
export function asDrizzle(value: Partial<Drizzle>): Client | undefined {
  if (!isFunction(value.execute) || typeof value.dialect !== 'object') return undefined;
  const tx = value as Drizzle;
  return {
    whyNone: () =>
      isFunction(tx.rollback)
        ? otherDatabase(tx.dialect.constructor.name)
        : 'Drizzle itself: give the tx of its transaction()',
    // What a template of its `sql` comes to, without that function of the caller's copy of Drizzle.
    query: (text, values) =>
      tx.execute({ getSQL: () => ({ toQuery: () => ({ sql: text, params: values }) }) }),
  };
}
