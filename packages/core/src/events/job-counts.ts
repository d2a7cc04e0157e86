import type { JobRecord } from '../job/record.ts';

/** How many jobs of one pool ended otherwise than most. How many completed follows from that. */
export class JobCounts {
  failed = 0;
  cancelled = 0;
  /** Calls that made no job. */
  refused = 0;
  /** Cancelled jobs whose function has not settled. */
  closing = 0;

  /** A job has ended. */
  ended({ phase, extras }: JobRecord): void {
    if (phase === 'failed') this.failed += 1;
    else if (phase === 'cancelled') this.cancelled += 1;
    if (extras?.cancellation !== undefined) this.closing -= 1;
  }
}
