import type { Job } from '@outlive/core';
import type { Lease } from '../backend.ts';
import type { DefinedJob } from '../define-job.ts';

/** A lease that this process holds, and what it does with it. */
export class HeldLease {
  readonly lease: Lease;
  readonly definition: DefinedJob<never>;
  job: Job | undefined = undefined;
  /**
   * held: is renewed. settling: its end is being recorded, renewed meanwhile. over: recorded, lost, or
   * given up; nothing more is sent for it, since the next claim of a job that was handed back
   * cannot be told from this one by every engine.
   */
  state: 'held' | 'settling' | 'over' = 'held';
  /**
   * When it was last known to be good, by the clock that no one sets: before the call that made it so,
   * hence never later than the engine's own view. Counted from the claim, so that a short cut right
   * after it does no harm.
   */
  renewedAt: number;
  triedAt: number;

  constructor(lease: Lease, definition: DefinedJob<never>, claimedAt: number) {
    this.lease = lease;
    this.definition = definition;
    this.renewedAt = claimedAt;
    this.triedAt = claimedAt;
  }

  get isOver(): boolean {
    return this.state === 'over';
  }

  /** Whether it may have run out. */
  hasExpired(now: number): boolean {
    return now - this.renewedAt >= this.definition.options.leaseTime;
  }

  isDue(now: number): boolean {
    return now - this.triedAt >= this.definition.options.leaseTime / 3;
  }
}
