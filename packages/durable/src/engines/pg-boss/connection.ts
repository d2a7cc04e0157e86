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
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Closes what is not pg-boss's own. */
  close(): Promise<void>;
}
