import type { JobEvents } from '../events/job-events.ts';
import type { ResolvedSchedulerOptions } from '../options.ts';
import { Admission } from './admission.ts';
import type { Clock } from './clock.ts';
import type { Failures } from './failures.ts';
import { JobContexts } from './job-contexts.ts';
import { Keys, limitsKeys } from './keys.ts';
import { Slots } from './slots.ts';
import { StallWatch } from './stall-watch.ts';
import { StartGate } from './start-gate.ts';

/** What the slots of a pool need of the rest of it. */
interface SlotsHost {
  readonly failures: Failures;
  readonly clock: Clock;
  readonly events: JobEvents;
  readonly scheduler: object;
  /** The rate allows a start that was waited for. */
  onAllowed(): void;
}

/** The slots of a pool with these options, and what is shared with others in it. */
export function makeSlots(
  options: ResolvedSchedulerOptions<never>,
  { failures, clock, events, scheduler, onAllowed }: SlotsHost,
): { slots: Slots; contexts: JobContexts; keys: Keys | undefined } {
  const { pendingLimit } = options;
  const keys = limitsKeys(options) ? new Keys(options) : undefined;
  const admission = new Admission(pendingLimit, failures, keys, events);
  const contexts = new JobContexts(options.context);
  const gate = new StartGate(options, onAllowed);
  const stalls = new StallWatch(options.stallTimeout, scheduler);
  const slots = new Slots(gate, pendingLimit, clock, admission, contexts, keys, events, stalls);
  return { slots, contexts, keys };
}
