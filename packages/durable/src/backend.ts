/**
 * What an engine has to do for durable jobs: keep them, and lend each to one process at a time. The
 * scheduler does the rest: limits, signals, drains. Times are milliseconds, and the engine's own clock
 * decides when one is over. `@outlive/durable/conformance` tests an implementation.
 */
export interface JobBackend {
  /** Connects, makes or checks the tables, and makes the jobs known. Called once, before all else. */
  open(specs: readonly JobSpec[], options: OpenBackendOptions): Promise<void>;

  /**
   * Stores a job. Durable once it has resolved, or, with `tx`, once that transaction has committed.
   *
   * @returns its id; `null` if a job of that name and `key` waits or runs already
   */
  enqueue(job: NewJob, options?: EnqueueBackendOptions): Promise<string | null>;

  /**
   * Lends out at most `max` jobs that are ready, the ones of higher priority first. May wait a little for
   * one to come. When `signal` aborts it ends soon, and still returns what it has taken by then.
   */
  claim(names: readonly string[], max: number, signal: AbortSignal): Promise<Lease[]>;

  /** Makes leases last `leaseTime` from now on; gives back those that were lost. */
  renew(leases: readonly Lease[]): Promise<Lease[]>;

  /** Ends a lease. `false`, and nothing has changed, if it was lost before. */
  settle(lease: Lease, outcome: Outcome): Promise<boolean>;

  /** How many jobs there are of each name that was opened, counted now. */
  depth(): Promise<Record<string, Depth>>;

  /** Lets connections go. Never touches a job. */
  close(): Promise<void>;

  /**
   * Runs `work` in a transaction of the store; only where the store has any, else no `tx` reaches `enqueue`
   * either. What `work` is given goes into `enqueue` as its `tx`.
   */
  transaction?<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;

  /** The engine itself, for what is not in this interface: its dashboard, schedules, statistics. */
  readonly native?: unknown;
}

export interface JobSpec {
  readonly name: string;
  /** Runs after the first that a failing job gets. */
  readonly retries: number;
  /** Before the first retry; doubled before each further one. An engine may round it up to seconds. */
  readonly backoff: number;
  readonly leaseTime: number;
}

export interface OpenBackendOptions {
  /** Whether this process claims jobs. One that only stores them need not look after leases that ran out. */
  readonly work: boolean;
  /** Told of troubles in the background, such as a lost connection; the backend goes on by itself. */
  readonly onError: (error: unknown) => void;
}

export interface NewJob {
  readonly name: string;
  /** JSON, as `JSON.parse` makes it. */
  readonly payload: unknown;
  readonly key?: string | undefined;
  readonly delay?: number | undefined;
  readonly priority?: number | undefined;
}

export interface EnqueueBackendOptions {
  readonly tx?: Transaction | undefined;
}

/** A transaction under way: a client of `pg`, a PGlite transaction, or anything else with such a `query()`. */
export interface Transaction {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** A job on loan to this process. */
export interface Lease {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  /** 1 for the first run. */
  readonly attempt: number;
  /** The backend's own mark of this very claim. */
  readonly ref: unknown;
}

export type Outcome =
  | { readonly kind: 'done' }
  /** Retried if any retry is left; `final`: not. */
  | { readonly kind: 'fail'; readonly error: unknown; readonly final?: boolean | undefined }
  /** Handed back: ready at once, and the run does not count as an attempt. */
  | { readonly kind: 'release' };

export interface Depth {
  /** Waits for a process, or for its time to come. */
  readonly ready: number;
  /** On loan. */
  readonly active: number;
  /** Failed for good. */
  readonly failed: number;
}
