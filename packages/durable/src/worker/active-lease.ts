import type { Job, JobCancelledError } from '@outlive/core';
import type { Lease } from '../backend.ts';
import type { JobDefinition } from '../job-definition.ts';

/** A lease of this process, and its job in the scheduler. */
export class ActiveLease {
  readonly lease: Lease;
  readonly definition: JobDefinition;
  /** Time in ms that it lasts without a renewal, as the store says: a deploy may have changed the definition. */
  readonly leaseTime: number;
  job: Job | undefined = undefined;
  /** The lease that came with the end of this one: its job runs in the same slot. */
  next: ActiveLease | undefined = undefined;
  /** Why the job was cancelled by its id, if it was. */
  cancellation: JobCancelledError | undefined = undefined;
  /**
   * active: is renewed. settling: its end is being recorded, renewed meanwhile. over: recorded, lost, or
   * given up; nothing more is sent for it, since some engines cannot tell the next claim of a job that was
   * handed back from this one.
   */
  state: 'active' | 'settling' | 'over' = 'active';
  /**
   * When it was last known to be good, in ms of the monotonic clock: before the call that made it so, hence
   * never later than the engine's own view. It begins with the claim, so that a short outage right after it
   * does no harm.
   */
  renewedAt: number;
  /** The last try to renew it, in ms of the monotonic clock. */
  triedAt: number;

  constructor(lease: Lease, definition: JobDefinition, claimedAt: number) {
    this.lease = lease;
    this.definition = definition;
    this.leaseTime = lease.leaseTime ?? definition.options.leaseTime;
    this.renewedAt = claimedAt;
    this.triedAt = claimedAt;
  }

  /** How many attempts its job has in all. */
  get attempts(): number {
    const { lease, definition } = this;
    return Math.max(lease.attempts ?? definition.options.retries + 1, lease.attempt);
  }

  get isLastAttempt(): boolean {
    return this.lease.attempt >= this.attempts;
  }

  get isOver(): boolean {
    return this.state === 'over';
  }

  /** Whether it may have run out. */
  hasExpired(now: number): boolean {
    return now - this.renewedAt >= this.leaseTime;
  }

  /** Whether it is time to renew it. */
  isDue(now: number): boolean {
    return now - this.triedAt >= this.leaseTime / 3;
  }
}
