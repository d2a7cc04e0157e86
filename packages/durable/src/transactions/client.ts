/** A value that has been recognized as an object of one library. */
export interface Client {
  /** What it is instead of a transaction under way, as far as it can be seen without a query. */
  whyNone(): string | undefined;
  /** Runs a statement with `$1`; the rows, or an object with them. */
  query(text: string, values: readonly unknown[]): PromiseLike<unknown>;
}

/** Recognizes what is of one library, by its shape; its methods may be missing. */
export type Recognize = (value: never) => Client | undefined;

export const ended = 'a transaction that has ended';

export function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === 'function';
}
