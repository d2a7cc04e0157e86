import type { ShieldAction, SpawnAction } from './actions.ts';
import type { ModelTimer } from './model-clock.ts';

/** How something ended, in words. */
export interface Outcome {
  readonly rejects: boolean;
  readonly what: string;
  /** An error whose name is `AbortError`. */
  readonly aborts?: boolean;
}

export const value = (what: string): Outcome => ({ rejects: false, what });
export const rejection = (what: string, aborts = false): Outcome => ({
  rejects: true,
  what,
  aborts,
});

/** Remembers its outcome and tells it to all who ask, in the same turn. */
export class ModelPromise {
  #outcome: Outcome | undefined;
  readonly #followers = new Set<(outcome: Outcome) => void>();

  settle(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    for (const follower of this.#followers) follower(outcome);
  }

  follow(follower: (outcome: Outcome) => void): void {
    if (this.#outcome === undefined) this.#followers.add(follower);
    else follower(this.#outcome);
  }
}

export interface ModelSignal {
  /** Why it was aborted, if it was. */
  reason: string | undefined;
  readonly listeners: Set<() => void>;
  readonly jobs: Set<ModelJob>;
  /** The one listener that all the jobs share. */
  readonly cancelJobs: () => void;
}

/** The group that a job is one of, as its scheduler knows it. */
export interface ModelTeam {
  readonly inside: ModelJob | undefined;
  readonly isFull: boolean;
  enter(job: ModelJob): void;
  admits(job: ModelJob): boolean;
  postponed(job: ModelJob): void;
  ended(job: ModelJob, result: Outcome): void;
  noticeAbort(): void;
}

export interface ModelJob {
  readonly label: string;
  readonly action: SpawnAction;
  readonly signal: ModelSignal | undefined;
  readonly group: ModelTeam | undefined;
  readonly spawned: ModelPromise;
  /** What `wait()` gives. */
  readonly ended: ModelPromise;
  /** Called when nothing holds it open any more. */
  readonly onEnd: (() => void)[];
  /** Groups inside it that have jobs, each of which holds it open. */
  readonly insideGroups: Set<ModelTeam>;
  extensions: number;
  /** What becomes of it when nothing holds it open any more. */
  onRelease: (() => void) | undefined;
  /** 0 while it waits for room. */
  id: number;
  state: 'waiting' | 'refused' | 'pending' | 'active' | 'closing' | 'closed';
  outcome: 'completed' | 'failed' | 'cancelled' | undefined;
  blocked: boolean;
  /** Between two attempts, while the delay lasts. */
  inBackOff: boolean;
  /** A drain or close of the scheduler has cancelled it. */
  shutDown: boolean;
  /** Why it was cancelled, if it was. */
  reason: string | undefined;
  spawnedAt: number;
  startedAt: number | undefined;
  /** Of its timeout, or of its back-off. */
  timer: ModelTimer | undefined;
  attempt: number;
  retriesLeft: number;
  /** How many attempts listen to its signal. */
  listeners: number;
  waiters: number;
  toldAbandoned: boolean;
}

/** What a call may name in `from`. */
export type ModelWork = ModelJob | ModelShield;

export interface ModelShield {
  readonly label: string;
  readonly action: ShieldAction;
  readonly signal: ModelSignal | undefined;
  readonly id: number;
  readonly outer: ModelPromise;
  readonly giveUp: () => void;
  followed: boolean;
  cancelled: boolean;
  over: boolean;
}
