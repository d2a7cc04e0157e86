// What the server and the page say to each other. Times are epoch ms of the server, durations ms. The last event of a
// stream may be `renew`: the page is to ask for a new one.

/** The first event of each stream. */
export interface Hello {
  readonly title: string;
  /** What state-changing calls have to bring; `null` where nothing can be changed. */
  readonly token: string | null;
  readonly sources: readonly SourceInfo[];
  /** What was sampled before, by source, the oldest first. */
  readonly history: readonly (readonly Sample[])[];
}

/** One scheduler. */
export interface SourceInfo {
  readonly name: string;
  readonly isDurable: boolean;
}

/** What is sent three times a second. Parts that have not changed are missing. */
export interface Update {
  readonly now: number;
  readonly counts: readonly Counts[];
  /** Once a second, by source. */
  readonly samples?: readonly Sample[] | undefined;
  readonly table?: Table | undefined;
  readonly failures?: readonly (readonly ShownFailure[])[] | undefined;
  readonly stores?: readonly (ShownStore | null)[] | undefined;
}

/** A scheduler now, and since it was made. */
export interface Counts {
  readonly limit: number | null;
  readonly paused: boolean;
  readonly draining: boolean;
  readonly closed: boolean;
  readonly pending: number;
  readonly active: number;
  readonly closing: number;
  readonly shields: number;
  readonly oldestPendingAge: number | null;
  readonly oldestActiveAge: number | null;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly refused: number;
}

/** One second of a scheduler. */
export interface Sample {
  readonly at: number;
  readonly active: number;
  readonly pending: number;
  /** Jobs that ended, by how, a second. */
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** What the jobs that started in it had waited; `null` if none did. */
  readonly waitMedian: number | null;
  readonly wait95: number | null;
}

/** The live jobs that were asked for. */
export interface Table {
  readonly rows: readonly ShownJob[];
  /** Jobs that match the filter. */
  readonly matching: number;
  /** Jobs that match but for their state, by state. */
  readonly byState: Readonly<Record<LiveState, number>>;
  readonly offset: number;
}

export type LiveState = 'pending' | 'active' | 'closing';

export interface ShownJob {
  readonly source: number;
  readonly id: number;
  readonly name: string;
  readonly state: LiveState;
  readonly spawnedAt: number;
  readonly startedAt: number | null;
  readonly attempt: number;
  readonly request: string | null;
  readonly spawnedBy: string | null;
}

export interface ShownError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
}

/** Failures of one kind. */
export interface ShownFailure {
  readonly name: string;
  /** Of the last one. */
  readonly id: number;
  readonly attempt: number;
  readonly at: number;
  readonly count: number;
  readonly error: ShownError;
  readonly request: string | null;
}

/** A store of durable jobs. */
export interface ShownStore {
  /** Why it does not answer. */
  readonly problem: string | null;
  readonly depths: readonly ShownDepth[];
  /** `null` where the store cannot list jobs. */
  readonly running: readonly ShownStoredJob[] | null;
  readonly failed: readonly ShownStoredJob[] | null;
  /** Whether there are more failed ones than are shown. */
  readonly hasMoreFailed: boolean;
}

export interface ShownDepth {
  readonly name: string;
  readonly ready: number;
  readonly active: number;
  readonly failed: number;
  readonly paused: boolean;
}

export interface ShownStoredJob {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly process: string | null;
  readonly error: ShownError | null;
  /** `null` where payloads are not shown. */
  readonly payload: string | null;
}

/** What the page can ask for. */
export type Action =
  | { readonly action: 'pause' | 'resume'; readonly source: number }
  | { readonly action: 'limit'; readonly source: number; readonly limit: number | 'Infinity' }
  | { readonly action: 'cancel'; readonly source: number; readonly id: number }
  | {
      readonly action: 'retry-stored' | 'discard-stored' | 'cancel-stored';
      readonly source: number;
      readonly id: string;
    }
  | {
      readonly action: 'pause-stored' | 'resume-stored';
      readonly source: number;
      readonly name: string;
    };

/** The answer to an action. */
export interface ActionResult {
  /** Whether it has changed anything. */
  readonly done: boolean;
  /** Why it has not. */
  readonly reason?: string | undefined;
}
