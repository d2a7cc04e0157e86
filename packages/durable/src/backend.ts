import type { JobControl, JobLookup, JobRuns } from './backend-operations.ts';
import type { Depth } from './depth.ts';
import type { Lease } from './lease.ts';

export type { Depth, Lease };

/**
 * What an engine has to do for durable jobs: keep them, and lend each to one process at a time. The
 * scheduler does the rest: limits, signals, drains. Times are in milliseconds, by the engine's own clock.
 * `@outlive/durable/conformance` tests an implementation.
 */
export interface JobBackend {
  /** Connects, creates or checks the tables, and prepares for these jobs. Called once, before all else. */
  open(specs: readonly JobSpec[], options: OpenBackendOptions): Promise<void>;

  /**
   * Stores a job. It is durable once this has resolved, or, with `tx`, once that transaction has committed.
   *
   * @returns its id; `null` if a job of that name and `key` waits or runs already
   */
  enqueue(job: NewJob, options?: EnqueueBackendOptions): Promise<string | null>;

  /**
   * Lends out at most `max` jobs that are ready, those of higher priority first. May wait some seconds for
   * a job. After the abort of `signal` it resolves soon, to all that it has taken by then.
   */
  claim(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]>;

  /** Makes leases last `leaseTime` from now on. Resolves to those that were lost. */
  renew(leases: readonly Lease[]): Promise<Lease[]>;

  /** Ends a lease. Resolves to `false`, and has changed nothing, if it was lost before. */
  settle(lease: Lease, outcome: Outcome): Promise<boolean>;

  /** How many jobs there are of each name that was opened, counted now. */
  depth(): Promise<Record<string, Depth>>;

  /** Closes connections. Never touches a job. */
  close(): Promise<void>;

  /** Looks jobs up. */
  readonly lookup: JobLookup;

  /** Retries, cancels, deletes jobs, and stops their names. */
  readonly control: JobControl;

  /** What passes between the store and the runs of this process. */
  readonly runs: JobRuns;

  /**
   * Runs `work` in a transaction of the store, whose `tx` goes into `enqueue`. Missing where the store has no
   * transactions: then no `tx` reaches `enqueue` either.
   */
  transaction?<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;

  /** What to call the store in messages: its address, never its password. @defaultValue `'the job store'` */
  readonly description?: string | undefined;

  /** The engine itself, for all that is not in this interface: its dashboard, schedules, statistics. */
  readonly native?: unknown;
}

/** A job name, as a store has to know it. */
export interface JobSpec {
  /** As given to `defineJob()`. */
  readonly name: string;
  /** Further runs that a failing job gets. */
  readonly retries: number;
  /** Time in ms before the first retry, doubled before each further one: where a lease ran out. */
  readonly backoff: number;
  /** Time in ms that a lease lasts without a renewal. */
  readonly leaseTime: number;
  /** How long jobs that have ended are kept. */
  readonly keep: KeepRules;
}

/** How long jobs that have ended are kept. */
export interface KeepRules {
  /** Those that are done. */
  readonly completed: KeepRule;
  /** Those that failed for good, and those that were cancelled. */
  readonly failed: KeepRule;
}

/** What a job of one kind is deleted by: whichever limit is reached first. `Infinity`: no limit. */
export interface KeepRule {
  /** Time in ms after its end. */
  readonly age: number;
  /** So many of its name that ended later. */
  readonly count: number;
}

/** How a store is opened. */
export interface OpenBackendOptions {
  /** Whether this process claims jobs. One that only stores them need not look after leases that ran out. */
  readonly work: boolean;
  /** Receives errors in the background, such as a lost connection; the backend recovers by itself. */
  readonly onError: (error: unknown) => void;
}

/** A job to store. */
export interface NewJob {
  /** One of the names that the backend was opened with. */
  readonly name: string;
  /** JSON, as `JSON.parse` makes it. */
  readonly payload: unknown;
  /** While a job of the same name and key waits or runs, no second one is stored. */
  readonly key?: string | undefined;
  /** Time in ms before which it is not lent out. @defaultValue `0` */
  readonly delay?: number | undefined;
  /** A whole number from -1,000 to 1,000, the larger first. @defaultValue `0` */
  readonly priority?: number | undefined;
}

/** How one job is stored. */
export interface EnqueueBackendOptions {
  /** The transaction to store it in. */
  readonly tx?: Transaction | undefined;
}

/** A transaction under way: a client of `pg`, a PGlite transaction, or anything else with such a `query()`. */
export interface Transaction {
  /** Runs one statement with its values for `$1`, `$2`, … in the transaction. */
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** How a run ended. */
export type Outcome =
  /** With what the handler has returned: JSON, or `undefined` for none. */
  | { readonly kind: 'done'; readonly result?: unknown }
  /** Ended by a cancellation: neither failed nor retried. */
  | { readonly kind: 'cancel'; readonly error: unknown }
  /** Retried after `delay` ms if any retry is left, unless it is `final`. Without a `delay`, as the spec says. */
  | {
      readonly kind: 'fail';
      readonly error: unknown;
      readonly final?: boolean | undefined;
      readonly delay?: number | undefined;
    }
  /** Handed back: ready at once, and the run does not count as an attempt. */
  | { readonly kind: 'release' };
