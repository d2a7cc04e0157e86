import { type Client, isFunction } from './client.ts';

interface PostgresJs {
  unsafe(text: string, values: readonly unknown[]): PromiseLike<unknown>;
  /** Of what is no transaction. */
  readonly begin?: unknown;
}

/** https://github.com/porsager/postgres#transactions */
export function asPostgresJs(value: Partial<PostgresJs>): Client | undefined {
  if (!isFunction(value) || !isFunction(value.unsafe)) return undefined;
  const sql = value as PostgresJs;
  return {
    whyNone: () =>
      isFunction(sql.begin)
        ? 'a client without a transaction: give the sql of its begin()'
        : undefined,
    query: (text, values) => sql.unsafe(text, values),
  };
}
