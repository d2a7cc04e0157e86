import type { JobRuns } from '../backend-operations.ts';
import { cancelledJob } from '../cancelled-job.ts';
import type { ActiveLease } from './active-lease.ts';

/** Time in ms between two questions. With the tick of the lease keeper, a signal aborts within 2 s. */
const interval = 1_000;

/** Asks the store which of the jobs that run here were cancelled by their ids, and aborts their signals. */
export class Cancellations {
  readonly #runs: JobRuns;
  /** When it was last asked, in ms of the monotonic clock. */
  #askedAt = -Infinity;
  #isAsking = false;

  constructor(runs: JobRuns) {
    this.#runs = runs;
  }

  /** Asks, if it is time. Never rejects. */
  async ask(leases: Iterable<ActiveLease>, now: number): Promise<void> {
    if (this.#isAsking || now - this.#askedAt < interval) return;
    const running = [...leases].filter(isRunning);
    if (running.length === 0) return;
    this.#askedAt = now;
    this.#isAsking = true;
    try {
      const cancelled = new Set(await this.#runs.cancelled(running.map(({ lease }) => lease)));
      for (const active of running) {
        if (cancelled.has(active.lease) && isRunning(active)) cancel(active);
      }
    } catch {
      // The store is down, as the renewals report.
    } finally {
      this.#isAsking = false;
    }
  }
}

function isRunning({ state, cancellation }: ActiveLease): boolean {
  return state === 'active' && cancellation === undefined;
}

function cancel(active: ActiveLease): void {
  const reason = cancelledJob(active.lease.name, active.lease.id);
  active.cancellation = reason;
  void active.job?.close({ reason, timeout: Infinity }).catch(() => undefined);
}
