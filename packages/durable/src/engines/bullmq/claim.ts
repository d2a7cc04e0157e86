import type { BullmqJob } from './types.ts';

/** The mark of one claim: its token is the value of the job's lock. */
export interface Claim {
  readonly job: BullmqJob;
  readonly token: string;
}
