import type { Transaction } from '../../backend.ts';
import type { PgBoss } from './types.ts';

/** A started pg-boss, and what belongs to it. */
export interface Connection {
  readonly boss: PgBoss;
  /** As it stands in statements, in quotes if need be. */
  readonly schema: string;
  /** Whether this process may create tables. */
  readonly migrates: boolean;
  /** The backend's `native`. */
  readonly native: unknown;
  /** One of the user, as strict as the database says. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** One of the store, which sees what others have committed in the meantime; it may be repeated. */
  ownTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Closes what is not pg-boss's own. */
  close(): Promise<void>;
}
