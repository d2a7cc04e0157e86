import { type Client, ended, isFunction } from './client.ts';
import { otherDatabase } from './other-database.ts';

interface Kysely {
  readonly isTransaction: boolean;
  executeQuery(query: object): PromiseLike<unknown>;
  /** Plugins may rename the columns of the answer. */
  withoutPlugins(): Kysely;
  getExecutor?(): { readonly adapter?: object };
  /** Of a transaction that `startTransaction()` has begun. */
  readonly isCommitted?: boolean;
  readonly isRolledBack?: boolean;
}

/** https://kysely.dev/docs/category/transactions */
export function asKysely(value: Partial<Kysely>): Client | undefined {
  if (!isFunction(value.executeQuery) || typeof value.isTransaction !== 'boolean') return undefined;
  const trx = value as Kysely;
  return {
    whyNone() {
      if (!trx.isTransaction) return 'Kysely itself: give the trx of its transaction().execute()';
      if (trx.isCommitted === true || trx.isRolledBack === true) return ended;
      return otherDatabase(trx.getExecutor?.().adapter?.constructor.name);
    },
    query: (text, values) =>
      trx.withoutPlugins().executeQuery({
        sql: text,
        parameters: values,
        // As `CompiledQuery.raw()` makes it.
        query: { kind: 'RawNode', sqlFragments: [text], parameters: [] },
        queryId: { queryId: 'outlive' },
      }),
  };
}
