import type { Scheduler } from '@outlive/core';
import { poolOf } from '@outlive/core/internal';
import type { Counts } from '../wire.ts';

/** A scheduler in numbers. */
export function countsOf(scheduler: Scheduler): Counts {
  const { limit, closed } = scheduler;
  const { oldestPendingAge = null, oldestActiveAge = null, ...stats } = scheduler.stats();
  return {
    limit: Number.isFinite(limit) ? limit : null,
    paused: poolOf(scheduler).slots.gate.paused,
    draining: scheduler.drainSignal.aborted,
    closed,
    pending: stats.pending,
    active: stats.active,
    closing: stats.closing,
    shields: stats.shields,
    oldestPendingAge,
    oldestActiveAge,
    completed: stats.completed,
    failed: stats.failed,
    cancelled: stats.cancelled,
    refused: stats.refused,
  };
}
