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
  if (slots.hasRoom || findsRoom(slots, options, team)) return undefined;
  const { pendingLimit } = slots;
  return {
    reason: new PendingLimitError(`No room for another job (pendingLimit ${pendingLimit})`),
  };
}

/** Apart, since most jobs need not look for it: what is short is compiled into what calls it. */
function findsRoom(
  { admission, pending, pendingLimit, hasSlot }: Slots,
  { after, key }: ResolvedJobOptions,
  team: JobTeam<JobRecord> | undefined,
): boolean {
  if (admission.first !== undefined) return false;
  if (pending.size < pendingLimit) return true;
  if (after !== undefined || team?.isFull === true) return false;
  return hasSlot && pending.keys?.isFull(key) !== true;
}
