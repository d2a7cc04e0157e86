import { type Channel, channel } from 'node:diagnostics_channel';
import type {
  DurableClaimEvent,
  DurableEnqueueEvent,
  DurableHandbackEvent,
  DurableSettleEvent,
  DurableStoreEvent,
  JobOutcome,
  Scheduler,
  StoredJobInfo,
} from '@outlive/core';
import { type Deferred, deferred, publish } from '@outlive/core/internal';
import type { Lease, Outcome } from './backend.ts';
import { type Headers, parseHeaders } from './headers.ts';
import type { ActiveLease } from './worker/active-lease.ts';

const storeChannel: Channel = channel('outlive:durable:store');
const enqueueChannel: Channel = channel('outlive:durable:enqueue');
const claimChannel: Channel = channel('outlive:durable:claim');
const settleChannel: Channel = channel('outlive:durable:settle');
const handbackChannel: Channel = channel('outlive:durable:handback');

/** What is known of a stored job where its events are published. */
export function storedInfo({ id, name, attempt, headers = {} }: Lease): StoredJobInfo {
  return { id, name, attempt, headers };
}

/** The ids of jobs; `null` of one whose key is taken, which was not stored. */
type Ids = (string | null)[];

/** Jobs of one name, which one call stores. */
export interface Storing {
  readonly name: string;
  readonly count: number;
  readonly inTransaction: boolean;
}

/**
 * Stores jobs, and publishes that they are about to be stored, and then that they are.
 *
 * @param store - stores them, with what subscribers want to be stored beside their payloads
 */
export async function storePublicly(
  scheduler: Scheduler,
  { name, count, inTransaction }: Storing,
  store: (headers: Headers | undefined) => Promise<Ids>,
): Promise<Ids> {
  // Whoever stores gets the error; subscribers need not look.
  let outcome: Deferred<Ids> | undefined;
  let headers: Headers | undefined;
  if (storeChannel.hasSubscribers) {
    outcome = deferred<Ids>();
    const event: DurableStoreEvent = { scheduler, name, count, headers: {}, ids: outcome.promise };
    publish(storeChannel, event);
    headers = parseHeaders(event.headers);
  }
  try {
    const ids = await store(headers);
    for (const id of ids) {
      if (id === null || !enqueueChannel.hasSubscribers) continue;
      const event: DurableEnqueueEvent = { scheduler, stored: { id, name }, inTransaction };
      publish(enqueueChannel, event);
    }
    outcome?.resolve(ids);
    return ids;
  } catch (error) {
    outcome?.reject(error);
    throw error;
  }
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
