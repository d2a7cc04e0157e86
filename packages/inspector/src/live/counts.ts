import type { Scheduler } from '@outlive/core';
import { poolOf } from '@outlive/core/internal';
import type { Counts } from '../wire.ts';

type Stats = Omit<Counts, 'limit' | 'paused' | 'draining' | 'closed'>;

/** A scheduler in numbers. */
export function countsOf(scheduler: Scheduler): Counts {
  const { limit, closed } = scheduler;
  const stats = statsOf(scheduler);
  return {
    limit: Number.isFinite(limit) ? limit : null,
    paused: poolOf(scheduler).slots.gate.paused,
    draining: scheduler.drainSignal.aborted,
    closed,
    pending: stats.pending,
    active: stats.active,
    closing: stats.closing,
    shields: stats.shields,
    oldestPendingAge: stats.oldestPendingAge ?? null,
    oldestActiveAge: stats.oldestActiveAge ?? null,
    completed: stats.completed,
    failed: stats.failed,
    cancelled: stats.cancelled,
    refused: stats.refused,
  };
}

/** What the scheduler counts itself. */
function statsOf(scheduler: Scheduler): Stats {
  const { stats } = scheduler as { stats?: () => Stats };
  return stats?.call(scheduler) ?? counted(scheduler);
}

/** What can be told of the jobs that are there. */
function counted(scheduler: Scheduler, now: number = Date.now()): Stats {
  let pending = 0;
  let running = 0;
  let closing = 0;
  let oldestPendingAge: number | null = null;
  let oldestActiveAge: number | null = null;
  for (const { state, spawnedAt, startedAt = now } of scheduler) {
    if (state === 'closing') closing += 1;
    if (state === 'pending') {
      pending += 1;
      oldestPendingAge ??= now - spawnedAt;
    } else {
      running += 1;
      oldestActiveAge = Math.max(oldestActiveAge ?? 0, now - startedAt);
    }
  }
  return {
    pending,
    active: running - closing,
    closing,
    shields: 0,
    oldestPendingAge,
    oldestActiveAge,
    completed: 0,
    failed: 0,
    cancelled: 0,
    refused: 0,
  };
}
