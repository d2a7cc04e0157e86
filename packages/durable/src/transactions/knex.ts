import { type Client, ended, isFunction } from './client.ts';
import { otherDatabase } from './other-database.ts';

interface Knex {
  raw(text: string, values: readonly unknown[]): PromiseLike<unknown>;
  /** Missing in Knex itself. */
  isCompleted?(): boolean;
  readonly client?: { readonly dialect?: string };
}

/** https://knexjs.org/guide/transactions */
export function asKnex(value: Partial<Knex>): Client | undefined {
  if (!isFunction(value) || !isFunction(value.raw)) return undefined;
  const trx = value as Knex;
  return {
    whyNone() {
      if (!isFunction(trx.isCompleted)) return 'Knex itself: give the trx of its transaction()';
      return trx.isCompleted() ? ended : otherDatabase(trx.client?.dialect);
    },
    query(text, values) {
      const given: unknown[] = [];
      // Knex numbers its placeholders by itself, so that a value that is named twice is given twice.
      const own = text.replaceAll('?', String.raw`\?`).replaceAll(/\$(\d+)/g, (_, number) => {
        given.push(values[Number(number) - 1]);
        return '?';
      });
      return trx.raw(own, given);
    },
  };
}
