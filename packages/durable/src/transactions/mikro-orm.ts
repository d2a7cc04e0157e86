import { type Client, isFunction } from './client.ts';
import { asKnex } from './knex.ts';
import { asKysely } from './kysely.ts';

interface MikroOrm {
  /** A transaction of Knex (MikroORM 6) or Kysely (7). */
  getTransactionContext(): object | undefined;
}

/** https://mikro-orm.io/docs/transactions */
export function asMikroOrm(value: Partial<MikroOrm>): Client | undefined {
  if (!isFunction(value.getTransactionContext)) return undefined;
  // Kept, since an EntityManager has another one later.
  const context = (value as MikroOrm).getTransactionContext();
  const none: Client = {
    whyNone: () => 'an EntityManager without a transaction',
    query: () => Promise.reject(new TypeError('There is no transaction')),
  };
  return context === undefined ? none : (asKnex(context) ?? asKysely(context) ?? none);
}
