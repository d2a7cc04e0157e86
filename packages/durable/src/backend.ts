import type { JobControl, JobLookup, JobRuns } from './backend-operations.ts';
import type { JobSchedules } from './backend-schedules.ts';
import type { RateLimit } from './limit-options.ts';
import type { NewJob } from './new-job.ts';
import type { Lease } from './lease.ts';

export type { Lease, NewJob };

/**
 * What an engine has to do for durable jobs: keep them, and lend each to one process at a time. The
 * scheduler does the rest: limits, signals, drains. Times are in milliseconds, by the engine's own clock.
 * `@outlive/durable/conformance` tests an implementation.
 *
 * @throws a method rejects with whatever its engine has failed with; what users see is a `JobStoreError` with that as its `cause`
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
   * Stores jobs of one name: all of them or, if it rejects, none. A key may stand in several: the first of them has it.
   *
   * @returns their ids, in the order of the jobs; `null` as in `enqueue`
   */
  enqueueMany?(
    jobs: readonly NewJob[],
    options?: EnqueueBackendOptions,
  ): Promise<(string | null)[]>;

  /**
   * Lends out at most `max` jobs that are ready, those of higher priority first. May wait some seconds for
   * a job. After the abort of `signal` it resolves soon, to all that it has taken by then. Where many names have jobs, each
   * gets its share of `max`.
   *
   * @param limits - how many of one name at most, of names that have a limit; more would be handed back
   */
  claim(
    names: readonly string[],
    max: number,
    signal: AbortSignal,
    limits?: ReadonlyMap<string, number>,
  ): Promise<Lease[]>;

  /** Makes leases last `leaseTime` from now on. Resolves to those that were lost. */
  renew(leases: readonly Lease[]): Promise<Lease[]>;

  /** Ends a lease. Resolves to `false`, and has changed nothing, if it was lost before. */
  settle(lease: Lease, outcome: Outcome): Promise<boolean>;

  /**
   * Ends a lease as `settle()` does, and in the same call lends out another job of its name, if one is ready. Missing where
   * that would be no faster. Of two names that have jobs, neither may have to wait for the other: then there is no
   * `next`.
   */
  settleAndClaim?(lease: Lease, outcome: Outcome): Promise<Settlement>;

  /** Closes connections. Never touches a job. */
  close(): Promise<void>;

  /** Looks jobs up. */
  readonly lookup: JobLookup;

  /** Retries, cancels, deletes jobs, and stops their names. */
  readonly control: JobControl;

  /** What passes between the store and the runs of this process. */
  readonly runs: JobRuns;

  /** Where its time can be moved on, for tests: that time. @defaultValue the time of the process */
  readonly clock?: StoreClock | undefined;

  /** What it can do of this. @defaultValue nothing */
  readonly features?: readonly BackendFeature[] | undefined;

  /** Remembers schedules. Missing where the store cannot: then no job may have one. */
  readonly schedules?: JobSchedules | undefined;

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

/** What `settleAndClaim()` resolves to. */
export interface Settlement {
  /** As of `settle()`. */
  readonly wasGood: boolean;
  /** The other job. */
  readonly next?: Lease | undefined;
}

/** The time of a store, which a test moves on. */
export interface StoreClock {
  /** In epoch ms. */
  now(): number;
  /** Calls `listener` each time that it was moved on: schedules may be due, and leases have to be renewed at once. */
  onAdvance(listener: () => void): void;
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
  /** So many jobs of one `group` run at once, in all processes. @defaultValue no limit */
  readonly perKey?: number | undefined;
  /** How many may start in a time, in all processes. @defaultValue no limit */
  readonly rate?: RateLimit | undefined;
}

/** What not every store can do. */
export type BackendFeature = 'perKey' | 'rate' | 'window' | 'replace';

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
  /** Receives each job that died, in one process of those that opened its name. @defaultValue nobody */
  readonly onDied?: ((job: DiedJob) => void) | undefined;
}

/** A job that failed for good since the process of its last run died. */
export interface DiedJob {
  /** Of the stored job. */
  readonly id: string;
  /** One of those that were opened. */
  readonly name: string;
  /** As it was stored. */
  readonly payload: unknown;
  /** The number of the run that did not end. */
  readonly attempt: number;
  /** The error that `onError` receives as well. */
  readonly error: unknown;
}

/** How one job is stored. */
export interface EnqueueBackendOptions {
  /** The transaction to store it in. @defaultValue none */
  readonly tx?: Transaction | undefined;
}

/** A transaction under way: a client of `pg`, a PGlite transaction, or anything else with such a `query()`. */
export interface Transaction {
  /**
   * Runs one statement with its values for `$1`, `$2`, … in the transaction.
   *
   * @throws rejects with what the statement failed with; then the transaction can only be rolled back
   */
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
