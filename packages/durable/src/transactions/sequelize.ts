import { type Client, ended, isFunction } from './client.ts';
import { otherDatabase } from './other-database.ts';

interface Sequelize {
  readonly sequelize: {
    query(text: string, options: object): PromiseLike<unknown>;
    readonly dialect?: { readonly name?: string };
  };
  afterCommit: unknown;
  /** `'commit'` or `'rollback'`, once it has begun. */
  readonly finished?: string | undefined;
}

/** https://sequelize.org/docs/v6/other-topics/transactions/ */
export function asSequelize(value: Partial<Sequelize>): Client | undefined {
  if (!isFunction(value.afterCommit) || !isFunction(value.sequelize?.query)) return undefined;
  const transaction = value as Sequelize;
  return {
    whyNone: () =>
      transaction.finished === undefined
        ? otherDatabase(transaction.sequelize.dialect?.name)
        : ended,
    // As a SELECT: the rows alone, whatever the statement is.
    query: (text, bind) => transaction.sequelize.query(text, { bind, transaction, type: 'SELECT' }),
  };
}
