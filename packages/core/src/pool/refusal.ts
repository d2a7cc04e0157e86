import { PendingLimitError, SchedulerClosedError } from '../errors.ts';
import type { JobTeam } from '../job/extras.ts';
import type { JobRecord } from '../job/record.ts';
import type { ResolvedJobOptions } from '../options.ts';
import type { Slots } from './slots.ts';

/** Why a call makes no job. Anything can be a reason, so it is wrapped. */
export interface Refusal {
  readonly reason: unknown;
}

export function refusalOf(closed: boolean, { signal }: ResolvedJobOptions): Refusal | undefined {
  if (closed) return { reason: new SchedulerClosedError() };
  return signal?.aborted === true ? { reason: signal.reason } : undefined;
}

export function noRoom(
  slots: Slots,
  options: ResolvedJobOptions,
  team: JobTeam<JobRecord> | undefined,
): Refusal | undefined {
  if (slots.hasRoom(options, team)) return undefined;
  const { pendingLimit } = slots;
  return {
    reason: new PendingLimitError(`No room for another job (pendingLimit ${pendingLimit})`),
  };
}
