import type { AnyTransaction } from '@outlive/durable';

/** A library for PostgreSQL, as its users use its transactions. */
export interface Library {
  /** What is no transaction, though it may be taken for one: with what the refusal says of it. */
  readonly others: readonly (readonly [what: string, value: unknown])[];
  /** Runs `work` in a transaction; `run` is how its users run a statement in it. */
  transaction(
    work: (tx: AnyTransaction, run: (text: string) => PromiseLike<unknown>) => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}

/** Connects a library to the database at this URL. */
export type OpenLibrary = (url: string) => Promise<Library>;
