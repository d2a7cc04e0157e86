import type { JobOutcome } from '../job.ts';
import type { Deferred, ObservedPromise } from '../util/observed-promise.ts';
import type { Cancellation } from './cancellation.ts';

/** The group of jobs that a job is one of, if it is. */
export interface JobTeam<J> {
  /** Whether its jobs run in the slot of another job, and need none of their own. */
  readonly inside: boolean;
  /** Whether a job that is spawned now has to wait for others of it. */
  readonly isFull: boolean;
  /** The job is one of it from here on. */
  enter(job: J): void;
  /** Whether the job may start, or go for a slot. If not, it is unblocked later. */
  admits(job: J): boolean;
  /** The job waits for its next attempt, and has to be admitted again. */
  postponed(job: J): void;
  ended(job: J): void;
}

/** What few jobs need. */
export class JobExtras<J> {
  /** What is cleared when the job is cancelled or ends. */
  timer: { clear(): void } | undefined = undefined;
  attempt = 1;
  /** Takes the job off what it hangs on: the signal that would cancel it, its `after`. */
  unlink: (() => void) | undefined = undefined;
  /** Of a job that waits for room: the promise of its `spawn()`. */
  admitted: Deferred<J, ObservedPromise<J>> | undefined = undefined;
  /** What the pool notes of a job that has a key, where keys are limited. */
  lane: object | undefined = undefined;
  team: JobTeam<J> | undefined = undefined;
  /** The job runs in the slot of another one. */
  slotless = false;
  /** The job waits for its `after`. */
  blocked = false;
  /** The job had to wait for its `after`. */
  released = false;
  /** Its place among those that had to. */
  place: { at: number } | undefined = undefined;
  /** Of a running job. */
  cancellation: Cancellation | undefined = undefined;
  controller: AbortController | undefined = undefined;
  sourceStack: string | undefined = undefined;
  /** For the exception handler: what the package that spawned it knows of its failure. */
  detail: string | undefined = undefined;
  /** What the package that spawned it notes of a running job: in `http` its request. For events a `JobOrigin`. */
  origin: unknown = undefined;
  /** Accepted, and the event of that is to be published yet. */
  isNew = false;
  /** Work that settles its own job, for events. */
  ran: unknown = undefined;
  /** When its last attempt failed, in ms since the pool's epoch. */
  waitsSince: number | undefined = undefined;
  /** The exception handler has been called for it as abandoned. */
  abandoned = false;
  /** Work besides the function that the job lasts for. */
  extensions = 0;
  /** Called when they are over, where the job does not end by that. */
  onRelease: (() => void) | undefined = undefined;
  /** Called when the job ends, where the end of its function was not the end of it. */
  onEnd: (() => void)[] | undefined = undefined;
  /** How the function ended, where that is not the end of the job yet. */
  functionOutcome: JobOutcome | undefined = undefined;
}
