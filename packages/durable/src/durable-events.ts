import { type Channel, channel } from 'node:diagnostics_channel';
import type {
  DurableClaimEvent,
  DurableEnqueueEvent,
  DurableHandbackEvent,
  DurableSettleEvent,
  JobOutcome,
  Scheduler,
  StoredJobInfo,
} from '@outlive/core';
import { publish } from '@outlive/core/internal';
import type { Lease, Outcome } from './backend.ts';
import type { ActiveLease } from './worker/active-lease.ts';

const enqueueChannel: Channel = channel('outlive:durable:enqueue');
const claimChannel: Channel = channel('outlive:durable:claim');
const settleChannel: Channel = channel('outlive:durable:settle');
const handbackChannel: Channel = channel('outlive:durable:handback');

/** What is known of a stored job where its events are published. */
export function storedInfo({ id, name, attempt, headers = {} }: Lease): StoredJobInfo {
  return { id, name, attempt, headers };
}

/** @param id - `null` of a job whose key is taken, which was not stored */
export function publishEnqueue(
  scheduler: Scheduler,
  name: string,
  id: string | null,
  inTransaction: boolean,
): void {
  if (id === null || !enqueueChannel.hasSubscribers) return;
  const event: DurableEnqueueEvent = { scheduler, stored: { id, name }, inTransaction };
  publish(enqueueChannel, event);
}

export function publishClaim(scheduler: Scheduler, { lease }: ActiveLease): void {
  if (!claimChannel.hasSubscribers) return;
  const event: DurableClaimEvent = { scheduler, stored: storedInfo(lease), job: undefined };
  publish(claimChannel, event);
}

/** The store knows how the run has ended. */
export function publishEnd(scheduler: Scheduler, active: ActiveLease, outcome: Outcome): void {
  const { lease, job } = active;
  if (outcome.kind === 'release') {
    if (!handbackChannel.hasSubscribers) return;
    const event: DurableHandbackEvent = { scheduler, stored: storedInfo(lease), job };
    publish(handbackChannel, event);
    return;
  }
  if (!settleChannel.hasSubscribers) return;
  const startedAt = job?.startedAt;
  const event: DurableSettleEvent = {
    scheduler,
    stored: storedInfo(lease),
    job,
    outcome: outcomes[outcome.kind],
    error: outcome.kind === 'done' ? undefined : outcome.error,
    final: outcome.kind !== 'fail' || outcome.final === true || active.isLastAttempt,
    wait: Math.max(0, (startedAt ?? NaN) - (job?.spawnedAt ?? NaN)) || 0,
    run: startedAt === undefined ? 0 : Math.max(0, Date.now() - startedAt),
  };
  publish(settleChannel, event);
}

const outcomes: Readonly<Record<'done' | 'cancel' | 'fail', JobOutcome>> = {
  done: 'completed',
  cancel: 'cancelled',
  fail: 'failed',
};
