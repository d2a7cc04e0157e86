import { type Client, isFunction } from './client.ts';
import { otherDatabase } from './other-database.ts';

interface Prisma {
  $queryRawUnsafe(text: string, ...values: readonly unknown[]): PromiseLike<unknown>;
  /** Of the client itself. */
  readonly $connect?: unknown;
  readonly _activeProvider?: unknown;
}

/** https://www.prisma.io/docs/orm/prisma-client/queries/transactions#interactive-transactions */
export function asPrisma(value: Partial<Prisma>): Client | undefined {
  if (!isFunction(value.$queryRawUnsafe)) return undefined;
  const tx = value as Prisma;
  return {
    whyNone: () =>
      isFunction(tx.$connect)
        ? 'a PrismaClient: give the tx of its $transaction()'
        : otherDatabase(tx._activeProvider),
    query: (text, values) => tx.$queryRawUnsafe(text, ...values),
  };
}
