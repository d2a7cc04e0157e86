import { Cancellation } from '../job/cancellation.ts';
import type { JobRecord } from '../job/record.ts';
import { onAbort } from '../util/on-abort.ts';

/**
 * Which jobs outside signals cancel. One callback per signal, however many jobs share it, and one decision to cancel
 * for all of them.
 */
export class SignalLinks {
  readonly #links = new Map<AbortSignal, Link>();

  add(signal: AbortSignal, job: JobRecord): void {
    let link = this.#links.get(signal);
    if (link === undefined) {
      const jobs = new Set<JobRecord>();
      const unlink = onAbort(signal, () => {
        const cancellation = new Cancellation(signal.reason);
        for (const each of jobs) each.owner.host.cancel(each, cancellation);
      });
      link = { jobs, unlink };
      this.#links.set(signal, link);
    }
    link.jobs.add(job);
    job.extend().unlink = () => {
      this.#remove(signal, job);
    };
  }

  #remove(signal: AbortSignal, job: JobRecord): void {
    const link = this.#links.get(signal);
    if (link === undefined) return;
    link.jobs.delete(job);
    if (link.jobs.size > 0) return;
    link.unlink();
    this.#links.delete(signal);
  }
}

interface Link {
  readonly jobs: Set<JobRecord>;
  readonly unlink: () => void;
}
